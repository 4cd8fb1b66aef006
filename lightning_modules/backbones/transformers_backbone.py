"""Transformers of the library of that name, pretrained or not."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datamodules.errors import UserError
from datamodules.spec import DataSpec, TokenizerSpec
from lightning_modules.backbones import hyperparameters
from lightning_modules.backbones.inputs import text_sizes
from lightning_modules.backbones.pooling import Pooling, pool
from lightning_modules.backbones.transformers_checkpoint import (
    Checkpoint,
    check_tokenizer,
    chosen_poolings,
    tokenizer_for,
)
from lightning_modules.backbones.transformers_library import (
    built,
    class_of,
    config_of,
    filled,
    has_optional_pooler,
    plain_settings,
    with_dropout,
)


class TransformersBackbone(nn.Module):
    """An encoder of texts: BERT, RoBERTa, DistilBERT, MiniLM, ELECTRA, DeBERTa, MPNet, ...

    Its own tokenizer gives the tokens: ``--data.tokenizer`` names it, and with it the weights. What
    is behind the end of a text is masked, so that a text's features are those it has alone.

    Args:
        spec: the data, with one text of token ids of a pretrained tokenizer.
        weights: a folder, a file, an installed package that ships weights, a repository of the hub,
            ``sample:minilm``, a checkpoint of this program, or ``random`` for the architecture
            alone; by default what the tokenizer belongs to.
        pooling: how the tokens of a text become one vector, or several joined: ``mean`` or ``max``
            over them, the first (``cls``), the last, or the network's ``pooler``. By default as
            the checkpoint says (the file of sentence-transformers); else the pooler of a network
            that was trained to classify, or its first token if it has none; the last token of a
            network that looks back only; else the mean.
        normalize: whether features are made of length 1, as sentence-transformers do to compare
            texts. A head that is trained learns slower from them.
        dropout: rate in the layers, in place of the checkpoint's own.
        architecture: settings of the network as its ``config.json`` has them, where none lies
            beside the weights; with the ``model_type``.
        trust_remote_code: whether Python files that a checkpoint brings along may be run.

    Attributes:
        out_features: how many features a text has.
        pretrained: whether the weights are any but random ones.
        notes: what was loaded and what not.
        origin: where the weights came from, as plain values.
        rebuilt_from: the arguments from which the same architecture is built without any file.

    Shape:
        (N, L) int64, 0 for padding, which stands behind -> (N, F)
    """

    def __init__(
        self,
        spec: DataSpec,
        weights: str | None = None,
        pooling: Pooling | list[Pooling] | None = None,
        normalize: bool = False,
        dropout: float | None = None,
        architecture: dict[str, Any] | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        super().__init__()
        _, longest = text_sizes(spec, "TransformersBackbone")
        if dropout is not None:
            hyperparameters.fractions("TransformersBackbone", dropout=dropout)
        chosen = chosen_poolings(pooling)
        tokenizer = tokenizer_for(spec, weights)
        checkpoint = Checkpoint(weights or tokenizer["name"], architecture, tokenizer["name"])
        config = config_of(checkpoint.settings, checkpoint.name)
        _refuse_pairs(config, checkpoint.name)
        check_tokenizer(checkpoint, tokenizer)
        if dropout is not None:
            with_dropout(config, dropout, checkpoint.name)
        self.pretrained = checkpoint.place is not None
        tensors = checkpoint.tensors() if self.pretrained else {}
        self.pooling = chosen or _own_pooling(checkpoint, config, list(tensors))
        kind, pooler = class_of(config, checkpoint.name), "pooler" in self.pooling
        self.notes: list[str] = []
        if self.pretrained:
            self.network, loaded = filled(
                kind, config, tensors, pooler=pooler, name=checkpoint.name
            )
            self.notes.append(loaded.sentence())
        else:
            self.network = built(kind, config, pooler=pooler, name=checkpoint.name)
        _check_sizes(self.network, tokenizer, longest, checkpoint.name)
        self.normalize = normalize
        self.shift = tokenizer["shift"]
        self.padding = int(getattr(config, "pad_token_id", None) or 0)
        if hasattr(config, "use_cache"):
            config.use_cache = False  # of a network that writes: it keeps every layer's keys
        self.out_features = self._features(checkpoint.name)
        self.origin: dict[str, Any] = checkpoint.place.as_plain() if checkpoint.place else {}
        self.rebuilt_from: dict[str, Any] = {
            "weights": "random",
            "architecture": plain_settings(config),
            "pooling": list(self.pooling),
        }

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the features of each text; those of a text without tokens are zero.

        Args:
            tokens: (N, L) int64 ids, 0 for padding.
        """
        if tokens.shape[1] == 0:
            tokens = F.pad(tokens, (0, 1))  # a batch of empty texts
        real = tokens != 0
        ids = (tokens - self.shift).masked_fill(~real, self.padding)
        seen = torch.cat([torch.ones_like(real[:, :1]), real[:, 1:]], dim=1)  # never nothing
        given = self.network(input_ids=ids, attention_mask=seen.long())
        pooled = given.pooler_output if "pooler" in self.pooling else None
        features = pool(given.last_hidden_state, real, pooled, self.pooling)
        return F.normalize(features, dim=1) if self.normalize else features

    @torch.no_grad()
    def _features(self, name: str) -> int:
        """Return how many features the network gives, by asking it.

        Raises:
            UserError: it gives none of token ids alone.
        """
        self.eval()
        try:
            features = self(torch.ones(1, 2, dtype=torch.int64) + self.shift)
        except Exception as error:  # whatever an architecture for something else makes of ids
            raise UserError(
                f"'{name}' ({type(self.network).__name__}) gives no features of tokens with the "
                f"pooling {', '.join(self.pooling)}: {error}."
            ) from error
        self.train()
        return int(features.shape[1])


def _refuse_pairs(config: Any, name: str) -> None:
    """Refuse an encoder with a decoder, whose features are of two texts.

    Raises:
        UserError: it is one.
    """
    if getattr(config, "is_encoder_decoder", False):
        raise UserError(
            f"'{name}' is an encoder with a decoder ({config.model_type}), which writes one text "
            f"from another: TransformersBackbone takes encoders, such as sample:minilm."
        )


def _own_pooling(checkpoint: Checkpoint, config: Any, names: Sequence[str]) -> list[Pooling]:
    """Return the pooling that a checkpoint was trained with, or the one that suits it."""
    said = checkpoint.poolings()
    if said is not None:
        return said
    trained_as = (getattr(config, "architectures", None) or [""])[0]
    if trained_as.endswith("ForSequenceClassification"):
        optional = has_optional_pooler(class_of(config, checkpoint.name))
        pooler = optional and any(".pooler." in f".{name}" for name in names)
        return ["pooler"] if pooler else ["cls"]
    looks_back = trained_as.endswith(("ForCausalLM", "LMHeadModel"))
    return ["last"] if looks_back else ["mean"]


def _check_sizes(network: Any, tokenizer: TokenizerSpec, longest: int, name: str) -> None:
    """Refuse texts or tokens for which a network has no room.

    Raises:
        UserError: they are too long, or have too great ids.
    """
    rows = network.get_input_embeddings().weight.shape[0]
    ids = tokenizer["size"] - tokenizer["shift"]
    if ids > rows:
        raise UserError(
            f"'{name}' knows {rows} tokens, but the tokenizer '{tokenizer['name']}' has {ids}: say "
            f"--data.tokenizer with the one that belongs to these weights."
        )
    most = _most_tokens(network)
    if most is not None and longest > most:
        raise UserError(
            f"The texts have up to {longest} tokens, but '{name}' has places for {most}: say "
            f"--data.max_tokens {most}."
        )


def _most_tokens(network: nn.Module) -> int | None:
    """Return how many tokens a network has positions for, if there is an end to them."""
    for name, module in network.named_modules():
        called = name.rpartition(".")[2]
        if called in ("position_embeddings", "wpe") and isinstance(module, nn.Embedding):
            # RoBERTa counts from behind the position that padding has
            first = 0 if module.padding_idx is None else module.padding_idx + 1
            return module.num_embeddings - first
    most = getattr(network.config, "max_position_embeddings", None)
    return int(most) if isinstance(most, int) and most > 0 else None
