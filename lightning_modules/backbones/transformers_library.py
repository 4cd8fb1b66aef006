"""Networks of the transformers library, built from plain settings and filled with plain tensors."""

import contextlib
import inspect
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from datamodules import extras
from datamodules.errors import UserError, nearest

CONFIG = "config.json"
NOT_KEPT = (
    "_name_or_path",
    "_attn_implementation",
    "_attn_implementation_internal",
    "attn_implementation",
    "auto_map",
    "checkpoint_path",
    "dtype",
    "id2label",
    "label2id",
    "torch_dtype",
    "transformers_version",
    "use_pretrained_backbone",
)
"""Settings that say nothing of a network without a head, or would have files or code fetched."""
DROPOUTS = (
    "activation_dropout",
    "attention_dropout",
    "attention_probs_dropout_prob",
    "attn_pdrop",
    "dropout",
    "embd_pdrop",
    "embedding_dropout",
    "hidden_dropout_prob",
    "mlp_dropout",
    "resid_pdrop",
)
"""How the architectures call the rates of dropout in their layers."""


def library() -> Any:
    """Return the transformers library.

    Raises:
        UserError: it is not installed.
    """
    return extras.library("transformers", "text", "TransformersBackbone")


def read_settings(file: Path) -> dict[str, Any]:
    """Return the settings of an architecture, as the file beside the weights has them.

    Raises:
        UserError: it cannot be read.
    """
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"'{file}' cannot be read: {error}.") from error
    if not isinstance(settings, dict) or "model_type" not in settings:
        raise UserError(f"'{file}' does not say of which 'model_type' the network is.")
    return settings


def plain_settings(config: Any) -> dict[str, Any]:
    """Return all settings of an architecture as plain values, from which it is built again."""
    plain: dict[str, Any] = json.loads(json.dumps(kept_settings(config.to_dict()), default=str))
    return plain


def kept_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings, also those of parts, without what would have files or code fetched."""
    return {
        key: kept_settings(value) if isinstance(value, Mapping) else value
        for key, value in settings.items()
        if key not in NOT_KEPT
    }


def config_of(settings: Mapping[str, Any], name: str) -> Any:
    """Return the library's configuration of one of its own architectures.

    Args:
        settings: with the ``model_type``.
        name: of the weights, for errors.

    Raises:
        UserError: the library has no such architecture, or these settings do not fit it.
    """
    transformers = library()
    kind = str(settings.get("model_type"))
    if kind not in transformers.CONFIG_MAPPING:
        raise UserError(
            f"'{name}' is a network of type '{kind}', which transformers "
            f"{transformers.__version__} does not have.{nearest(kind, transformers.CONFIG_MAPPING)}"
        )
    if "quantization_config" in settings:
        raise UserError(
            f"'{name}' holds quantised weights, which cannot be trained: name the checkpoint that "
            f"they were made from."
        )
    with quiet():
        try:
            config = transformers.CONFIG_MAPPING[kind].from_dict(kept_settings(settings))
        except Exception as error:  # of the checks that the library makes, which vary
            raise UserError(f"'{name}': its settings are none of a '{kind}': {error}.") from error
    return config


def own_code(
    settings: Mapping[str, Any], folder: Path | None, name: str, *, trusted: bool
) -> tuple[Any, type[nn.Module]] | None:
    """Return configuration and class of a network whose code comes along with its weights.

    Args:
        settings: with an ``auto_map``, or none is returned.
        folder: in which the code may lie.
        name: of the weights.
        trusted: whether the user says that this code may be run.

    Raises:
        UserError: it may not, or cannot.
    """
    told = settings.get("auto_map")
    if not told:
        return None
    asked = told.get("AutoModel") if isinstance(told, Mapping) else None
    if not trusted:
        raise UserError(
            f"'{name}' brings code of its own along ({asked or told}), which is run only if the "
            f"config says so: --model.backbone.trust_remote_code true."
        )
    if asked is None or "AutoConfig" not in told:
        raise UserError(f"'{name}' does not say in its auto_map which AutoModel it has.")
    from transformers.dynamic_module_utils import get_class_from_dynamic_module

    local = folder is not None and any(folder.glob("*.py"))
    origin, _, revision = (str(folder), "", "") if local else name.partition("@")
    try:
        found = [
            get_class_from_dynamic_module(told[each], origin, revision=revision or None)
            for each in ("AutoConfig", "AutoModel")
        ]
        config = found[0].from_dict(dict(settings))
    except Exception as error:  # whatever foreign code raises
        raise UserError(f"'{name}': its own code cannot be used: {error}") from error
    chosen: type[nn.Module] = found[1]
    return config, chosen


def part_for(config: Any, kind: str) -> Any:
    """Return the configuration of the part for texts or images of a network for both.

    Args:
        config: of any network.
        kind: ``text`` or ``vision``.
    """
    return getattr(config, f"{kind}_config", None) or config


def class_of(config: Any, name: str) -> type[nn.Module]:
    """Return the class of the network without a head.

    Raises:
        UserError: the library has none.
    """
    mapping = library().MODEL_MAPPING
    if type(config) not in mapping:
        raise UserError(f"'{name}': transformers has no network without a head for it.")
    found = mapping[type(config)]
    chosen: type[nn.Module] = found[0] if isinstance(found, tuple | list) else found
    return chosen


def check_inputs(network: type[nn.Module], config: Any, name: str, *, images: bool) -> None:
    """Refuse a network of texts for images, and one of images for texts.

    Args:
        network: its class.
        config: its configuration.
        name: of the weights, for errors.
        images: whether the data are images.

    Raises:
        UserError: it takes the other.
    """
    taken = getattr(network, "main_input_name", "")
    words = hasattr(config, "vocab_size")  # parts for images do not always say what they take
    if images and taken == "input_ids" and words:
        raise UserError(
            f"'{name}' ({network.__name__}) is a network of texts, but the data are images: name a "
            f"transformer of images, such as google/vit-base-patch16-224, or take TimmBackbone."
        )
    if not images and taken == "pixel_values" and not words:
        raise UserError(
            f"'{name}' ({network.__name__}) is no network of texts but of images, and the data are "
            f"texts: name an encoder of texts, such as sample:minilm."
        )


def with_dropout(config: Any, rate: float, name: str) -> None:
    """Set every rate of dropout in the layers of an architecture.

    Raises:
        UserError: it has none.
    """
    there = [each for each in DROPOUTS if isinstance(getattr(config, each, None), int | float)]
    if not there:
        raise UserError(f"'{name}' has no dropout in its layers: leave dropout out.")
    for each in there:
        setattr(config, each, rate)


def has_optional_pooler(network: type[nn.Module]) -> bool:
    """Tell whether a class of networks can be built without the layer that pools."""
    return "add_pooling_layer" in inspect.signature(network.__init__).parameters


def built(network: type[nn.Module], config: Any, *, pooler: bool, name: str) -> nn.Module:
    """Return a network with random weights.

    Raises:
        UserError: it cannot be built of these settings.
    """
    extra = {"add_pooling_layer": pooler} if has_optional_pooler(network) else {}
    with quiet():
        try:
            made: nn.Module = network._from_config(config, **extra)  # type: ignore[attr-defined]
        except Exception as error:  # whatever the architecture makes of sizes that do not fit
            raise UserError(
                f"'{name}': no network can be built of its settings: {error}"
            ) from error
    return made.to(torch.get_default_dtype()).train()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the library from telling what is told here in a sentence."""
    import transformers.utils.logging as told

    level, bars = told.get_verbosity(), told.is_progress_bar_enabled()
    told.set_verbosity(logging.CRITICAL)
    told.disable_progress_bar()
    try:
        yield
    finally:
        told.set_verbosity(level)
        if bars:
            told.enable_progress_bar()
