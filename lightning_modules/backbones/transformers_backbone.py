"""Transformers of the library of that name, pretrained or not."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datamodules.errors import UserError
from datamodules.pretrained.place import is_pretrained, rebuilt_with
from datamodules.sources.paths import absolute_path
from datamodules.spec import DataSpec
from lightning_modules.backbones import hyperparameters
from lightning_modules.backbones.image_network import one_line, scaled_up
from lightning_modules.backbones.inputs import image_shape, is_image, text_sizes
from lightning_modules.backbones.pooling import Pooling, pool
from lightning_modules.backbones.transformers_checkpoint import (
    PROCESSOR,
    Checkpoint,
    check_tokenizer,
    chosen_poolings,
    tokenizer_for,
)
from lightning_modules.backbones.transformers_library import (
    built,
    check_inputs,
    class_of,
    config_of,
    has_optional_pooler,
    library,
    own_code,
    part_for,
    plain_settings,
    with_dropout,
)
from lightning_modules.backbones.transformers_loading import filled
from lightning_modules.backbones.transformers_pixels import PixelPreparation, as_tokens
from lightning_modules.backbones.transformers_tokens import (
    TokenPreparation,
    check_tokens,
    most_tokens,
)


class TransformersBackbone(nn.Module):
    """An encoder of texts, as BERT, RoBERTa or MiniLM, or of images, as ViT.

    Of texts its own tokenizer gives the tokens: ``--data.tokenizer`` names it, and with it the
    weights. What is behind the end of a text is masked, so that a text's features are those it has
    alone. Images are brought here to the size and colours that the checkpoint's processor says; of
    images that are not of three channels the first layer's weights are fitted to theirs.

    Args:
        spec: the data, with one image or one text of token ids of a pretrained tokenizer.
        weights: a folder, a file, an installed package that ships weights, a repository of the hub,
            ``sample:minilm``, a checkpoint of this program, or ``random`` for the architecture
            alone; by default what the tokenizer belongs to.
        pooling: how the tokens of a text become one vector, or several joined: ``mean`` or ``max``
            over them, the first (``cls``), the last, or the network's ``pooler``. By default as
            the checkpoint says (the file of sentence-transformers); else the pooler of a network
            that was trained to classify, or its first token if it has none; the last token of a
            network that looks back only; else the mean. Of images the network's own pooler if that
            is trained, else its first token.
        normalize: whether features are made of length 1, as sentence-transformers do to compare
            texts. A head that is trained learns slower from them.
        dropout: rate in the layers, in place of the checkpoint's own.
        architecture: settings of the network as its ``config.json`` has them, with the
            ``model_type``, or the name of a network whose settings are meant; by default those
            beside the weights, or beside the tokenizer.
        trust_remote_code: whether Python files that a checkpoint brings along may be run.

    Attributes:
        out_features: how many features a text has.
        pretrained: whether the weights are any but random ones.
        notes: what was loaded and what not.
        origin: where the weights came from, as plain values.
        rebuilt_from: the arguments from which the same architecture is built without any file.

    Shape:
        (N, L) int64, 0 for padding, which stands behind, or (N, C, H, W) in [0, 1] -> (N, F)
    """

    def __init__(
        self,
        spec: DataSpec,
        weights: str | None = None,
        pooling: Pooling | list[Pooling] | None = None,
        normalize: bool = False,
        dropout: float | None = None,
        architecture: dict[str, Any] | str | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        super().__init__()
        if dropout is not None:
            hyperparameters.fractions("TransformersBackbone", dropout=dropout)
        chosen = chosen_poolings(pooling)
        images = is_image(spec)
        longest = 0 if images else text_sizes(spec, "TransformersBackbone")[1]
        tokenizer = None if images else tokenizer_for(spec, weights)
        beside = tokenizer["name"] if tokenizer else None
        checkpoint = Checkpoint(_named(weights, beside), architecture, beside)
        name = checkpoint.name
        config, kind, remote = _network_of(checkpoint, images, trusted=trust_remote_code)
        if tokenizer is not None:
            check_tokenizer(checkpoint, tokenizer)
        if dropout is not None:
            with_dropout(config, dropout, name)
        self.prepare = (
            _pixels(spec, checkpoint, config)
            if tokenizer is None
            else TokenPreparation(tokenizer, int(getattr(config, "pad_token_id", None) or 0))
        )
        self.normalize = normalize
        self.pretrained = is_pretrained(checkpoint.place, name)
        self.origin: dict[str, Any] = checkpoint.place.as_plain() if checkpoint.place else {}
        self.notes = _notes_of_images(spec, self.prepare)
        self.network, self.pooling = self._built(checkpoint, kind, config, chosen)
        if tokenizer is not None:
            check_tokens(self.network, tokenizer, name)
            self._keep_to_places(longest, name)
        self.out_features = self._features(name)
        self.rebuilt_from = _again(checkpoint, config, self.pooling, remote=remote)

    def _keep_to_places(self, longest: int, name: str) -> None:
        """Let texts keep as many tokens as the network has places for, and note if that is few."""
        assert isinstance(self.prepare, TokenPreparation)
        self.prepare.most = most = most_tokens(self.network)
        if most is not None and longest > most:
            self.notes.append(f"texts keep their first {most} tokens: '{name}' has no more places")

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features of each row; those of a text without tokens are zero.

        Args:
            inputs: (N, L) int64 ids, 0 for padding; or (N, C, H, W) in [0, 1].
        """
        arguments, real = self.prepare(inputs)
        given = self.network(**arguments)
        hidden = given.last_hidden_state
        if real is None:
            hidden, real = as_tokens(hidden)
        pooled = given.pooler_output.flatten(1) if "pooler" in self.pooling else None
        features = pool(hidden, real, pooled, self.pooling)
        return F.normalize(features, dim=1) if self.normalize else features

    def _built(
        self,
        checkpoint: Checkpoint,
        kind: type[nn.Module],
        config: Any,
        chosen: list[Pooling] | None,
    ) -> tuple[nn.Module, list[Pooling]]:
        """Return the network, and how its tokens are pooled."""
        tensors = checkpoint.tensors() if checkpoint.place is not None else {}
        tensors = {key: each for key, each in tensors.items() if not key.startswith("prepare.")}
        images = isinstance(self.prepare, PixelPreparation)
        channels = self.prepare.channels if isinstance(self.prepare, PixelPreparation) else 3
        own = _pooling_of_images if images else _pooling_of_texts
        pooling = chosen or checkpoint.poolings() or own(config, kind, list(tensors))
        pooler = "pooler" in pooling
        if checkpoint.place is None:
            return built(kind, config, pooler=pooler, name=checkpoint.name), pooling
        network, loaded = filled(
            kind, config, tensors, pooler=pooler, name=checkpoint.name, channels=channels
        )
        self.notes.insert(0, loaded.sentence())
        return network, pooling

    @torch.no_grad()
    def _features(self, name: str) -> int:
        """Return how many features the network gives, by asking it.

        Raises:
            UserError: it gives none of such inputs alone.
        """
        self.eval()
        example = (
            torch.zeros(1, *self.prepare.shape)
            if isinstance(self.prepare, PixelPreparation)
            else torch.full((1, 2), 1 + self.prepare.shift)
        )
        try:
            features = self(example)
        except Exception as error:  # whatever an architecture for something else makes of them
            raise UserError(
                f"'{name}' ({type(self.network).__name__}) gives no features of such inputs with "
                f"the pooling {', '.join(self.pooling)}: {one_line(error)}"
            ) from error
        self.train()
        return int(features.shape[1])


def _named(weights: str | None, tokenizer: str | None) -> str:
    """Return whose weights are meant: of images somebody must say it."""
    name = tokenizer if weights is None else weights
    if name is None:
        raise UserError(
            "TransformersBackbone needs weights for images: a folder or file, an installed "
            "package, a repository of the hub, or random with an architecture."
        )
    return name


def _network_of(
    checkpoint: Checkpoint, images: bool, *, trusted: bool
) -> tuple[Any, type[nn.Module], bool]:
    """Return configuration and class of the network, and whether its code came along.

    Raises:
        UserError: there is no such network, or it is none that gives features of such data.
    """
    name = checkpoint.name
    library()
    brought = own_code(checkpoint.settings, checkpoint.folder, name, trusted=trusted)
    config = brought[0] if brought else config_of(checkpoint.settings, name)
    if getattr(config, "is_encoder_decoder", False):
        raise UserError(
            f"'{name}' is an encoder with a decoder ({config.model_type}), which writes one text "
            f"from another: TransformersBackbone takes encoders, such as sample:minilm."
        )
    if hasattr(config, "use_cache"):
        config.use_cache = False  # a network that writes keeps keys of every layer for it
    if brought:
        return *brought, True
    config = part_for(config, "vision" if images else "text")
    kind = class_of(config, name)
    check_inputs(kind, config, name, images=images)
    return config, kind, False


def _pixels(spec: DataSpec, checkpoint: Checkpoint, config: Any) -> PixelPreparation:
    channels, _, _ = image_shape(spec, "TransformersBackbone")
    if hasattr(config, "num_channels"):
        config.num_channels = channels
    return PixelPreparation(checkpoint.processor, config, channels, checkpoint.name)


def _notes_of_images(spec: DataSpec, prepare: nn.Module) -> list[str]:
    if not isinstance(prepare, PixelPreparation):
        return []
    return scaled_up(image_shape(spec, "TransformersBackbone")[1:], prepare.shape[1:])


def _pooling_of_texts(config: Any, kind: type[nn.Module], names: Sequence[str]) -> list[Pooling]:
    """Return the pooling that suits a network of texts that does not say."""
    trained_as = (getattr(config, "architectures", None) or [""])[0]
    if trained_as.endswith("ForSequenceClassification"):
        return ["pooler"] if has_optional_pooler(kind) and _has_pooler(names) else ["cls"]
    looks_back = trained_as.endswith(("ForCausalLM", "LMHeadModel"))
    return ["last"] if looks_back else ["mean"]


def _pooling_of_images(config: Any, kind: type[nn.Module], names: Sequence[str]) -> list[Pooling]:
    """Return the pooling of a network of images: its own, if nothing of that is left to learn."""
    return ["pooler"] if not has_optional_pooler(kind) or _has_pooler(names) else ["cls"]


def _has_pooler(names: Sequence[str]) -> bool:
    return any(".pooler." in f".{name}" for name in names)


def _again(
    checkpoint: Checkpoint, config: Any, pooling: list[Pooling], *, remote: bool
) -> dict[str, Any]:
    """Return the arguments that build the same architecture; code that came along is needed."""
    if remote:
        return {"weights": absolute_path(checkpoint.name), "pooling": list(pooling)}
    settings = plain_settings(config)
    if checkpoint.processor:
        settings[PROCESSOR] = checkpoint.processor
    weights = rebuilt_with(is_pretrained(checkpoint.place, checkpoint.name))
    return {"weights": weights, "architecture": settings, "pooling": list(pooling)}
