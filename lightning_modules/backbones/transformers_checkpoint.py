"""What lies beside the weights of a transformer: its settings, its pooling, its tokenizer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from torch import Tensor

from datamodules.errors import UserError, unknown
from datamodules.pretrained.below import files_below
from datamodules.pretrained.place import Place, find, in_no_file, locate
from datamodules.pretrained.tensors import backbone_in, read_tensors
from datamodules.pretrained.tokenizer_files import digits_of, tokenizer_of
from datamodules.spec import DataSpec, TokenizerSpec
from lightning_modules.backbones.pooling import Pooling
from lightning_modules.backbones.transformers_library import CONFIG, kept_settings, read_settings

OF_SENTENCES = {
    "cls": "cls",
    "lasttoken": "last",
    "max": "max",
    "mean": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
}
"""How sentence-transformers call their poolings, in the file beside the weights."""
PROCESSOR = "image_processor"
"""Where the settings of an architecture hold those of what prepares its images."""
PROCESSORS = ("preprocessor_config.json", "processor_config.json")


class Checkpoint:
    """A network that others trained, or the architecture of one.

    Args:
        name: of weights as :func:`~datamodules.pretrained.place.locate` takes it; ``random`` for
            the architecture alone.
        architecture: its settings, or the name of a network whose settings are meant; by default
            those beside the weights.
        beside: of what to take the settings, if none lie beside the weights: a tokenizer's name.

    Attributes:
        place: where the weights are; ``None`` if random.
        folder: where the settings are, and all that lies beside them.
        settings: of the architecture.
        processor: settings of what prepares images.

    Raises:
        UserError: weights or settings are not found.
    """

    def __init__(
        self,
        name: str,
        architecture: Mapping[str, Any] | str | None = None,
        beside: str | None = None,
    ) -> None:
        self.name = name
        self.place: Place | None = None if in_no_file(name) else locate(name)
        self.folder = self.place.folder if self.place is not None else None
        self.settings = (
            kept_settings(architecture)
            if isinstance(architecture, Mapping)
            else dict(self._settings(architecture, beside))
        )
        own = self.settings.pop(PROCESSOR, None)
        self.processor: dict[str, Any] = _processor(self.folder) if own is None else own

    def _settings(self, architecture: str | None, beside: str | None) -> Mapping[str, Any]:
        """Return the settings by a name, from beside the weights, or from a tokenizer's folder."""
        file = None if self.place is None else self.place.beside(CONFIG)
        if architecture is None and file is None and self.place is not None:
            _, arguments = backbone_in(self.place.files[0]) or ("", {})
            if isinstance(arguments.get("architecture"), dict):
                return kept_settings(arguments["architecture"])
        other = architecture or (beside if file is None else None)
        if other is not None:
            file = _settings_of(other)
            self.folder = file.parent if file is not None else None
        if file is None:
            raise UserError(
                f"'{other or self.name}' has no {CONFIG} that says of which architecture it is: "
                f"say --model.backbone.architecture with the name of a network that has one."
            )
        return read_settings(file)

    def tensors(self) -> dict[str, Tensor]:
        """Return the weights by name."""
        assert self.place is not None
        return read_tensors(self.place.files)

    def poolings(self) -> list[Pooling] | None:
        """Return how the checkpoint was trained to be pooled, if it says.

        Raises:
            UserError: it says something that there is not here.
        """
        file = self.folder / "1_Pooling" / CONFIG if self.folder is not None else None
        if file is None or not file.is_file():
            return None
        try:
            said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"'{file}' cannot be read: {error}.") from error
        modes = said.get("pooling_mode")
        if modes is None:
            modes = [key for key, on in said.items() if key.startswith("pooling_mode_") and on]
        modes = [modes] if isinstance(modes, str) else list(modes)
        for mode in modes:
            if mode not in OF_SENTENCES:
                raise UserError(
                    f"'{self.name}' is pooled by '{mode}', which is not known here: say "
                    f"--model.backbone.pooling, one of {', '.join(get_args(Pooling))}."
                )
        return [OF_SENTENCES[mode] for mode in modes] or None  # type: ignore[misc]


def tokenizer_for(spec: DataSpec, weights: str | None) -> TokenizerSpec:
    """Return the tokenizer that gave the tokens of the data.

    Raises:
        UserError: they are words that were numbered here.
    """
    if spec.tokenizer is None:
        name = "sample:minilm" if weights is None or in_no_file(weights) else weights
        raise UserError(
            f"TransformersBackbone wants the tokens that its weights were trained with, but those "
            f"of the data are words numbered by the training rows: say --data.tokenizer {name}."
        )
    return spec.tokenizer


def check_tokenizer(checkpoint: Checkpoint, tokenizer: TokenizerSpec) -> None:
    """Refuse weights whose own tokenizer gives other ids than that of the data.

    Raises:
        UserError: it does.
    """
    if checkpoint.place is None or checkpoint.place.folder is None:
        return
    text = tokenizer_of(checkpoint.place.folder)
    if text is not None and digits_of(text) != tokenizer["sha256"]:
        raise UserError(
            f"The tokens of the data are of the tokenizer '{tokenizer['name']}', which gives other "
            f"ids than that of the weights '{checkpoint.name}': say --data.tokenizer "
            f"{checkpoint.name}, or leave --model.backbone.weights out."
        )


def chosen_poolings(given: Pooling | list[Pooling] | None) -> list[Pooling] | None:
    """Return the poolings that a user chose as a list.

    Raises:
        UserError: there is no such pooling.
    """
    if given is None:
        return None
    chosen = [given] if isinstance(given, str) else list(given)
    for each in chosen:
        if each not in get_args(Pooling):
            raise unknown("pooling", each, get_args(Pooling))
    return chosen or None


def _settings_of(name: str) -> Path | None:
    """Return the file with the settings of the network to which a tokenizer belongs."""
    path, _ = find(name, ((CONFIG,),))
    folder = path.parent if path.is_file() else path
    if (folder / CONFIG).is_file():
        return folder / CONFIG
    named = [file for file in files_below(folder) if file.name == CONFIG]
    inside = [file for file in named if file.parent.name != "1_Pooling"]
    return inside[0] if len(inside) == 1 else None


def _processor(folder: Path | None) -> dict[str, Any]:
    """Return the settings of what prepares images, if they lie beside the network's."""
    for name in PROCESSORS:
        if folder is not None and (folder / name).is_file():
            try:
                said = json.loads((folder / name).read_text(encoding="utf-8"))
            except ValueError as error:
                raise UserError(f"'{folder / name}' cannot be read: {error}.") from error
            own: dict[str, Any] = said.get("image_processor", said)
            return own
    return {}
