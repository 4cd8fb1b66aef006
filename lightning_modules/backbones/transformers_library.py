"""Networks of the transformers library, built from plain settings and filled with plain tensors."""

import contextlib
import inspect
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from datamodules.errors import UserError, nearest
from lightning_modules.backbones.loading import (
    COLOURS,
    COUNTERS,
    Loaded,
    as_floats,
    some,
    with_channels,
)

CONFIG = "config.json"
NOT_KEPT = (
    "_name_or_path",
    "_attn_implementation",
    "_attn_implementation_internal",
    "attn_implementation",
    "auto_map",
    "dtype",
    "id2label",
    "label2id",
    "torch_dtype",
    "transformers_version",
)
"""Settings that say nothing of a network without a head, or would have other code fetched."""
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
WRAPPERS = ("network.", "module.", "_orig_mod.", "0.auto_model.", "0.model.")
"""What programs put before every name of a file, beside the library's own prefixes."""


def library() -> Any:
    """Return the transformers library.

    Raises:
        UserError: it is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise UserError(
            "TransformersBackbone needs the transformers library: pip install 'fulgurite[text]'."
        ) from error
    return transformers


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
    kept = {key: value for key, value in config.to_dict().items() if key not in NOT_KEPT}
    plain: dict[str, Any] = json.loads(json.dumps(kept, default=str))
    return plain


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
    kept = {key: value for key, value in settings.items() if key not in NOT_KEPT}
    with quiet():
        try:
            config = transformers.CONFIG_MAPPING[kind].from_dict(kept)
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


def filled(
    network: type[nn.Module],
    config: Any,
    tensors: Mapping[str, Tensor],
    *,
    pooler: bool,
    name: str,
    channels: int = COLOURS,
) -> tuple[nn.Module, Loaded]:
    """Return a network with the weights of a file, their names mapped as the library does.

    Args:
        network: its class.
        config: its configuration.
        tensors: from a file.
        pooler: whether it has the layer that pools.
        name: of the weights, for errors.
        channels: of images; the first layer is fitted to another number of them than 3.

    Raises:
        UserError: the weights are of another network.
    """
    extra = {"add_pooling_layer": pooler} if has_optional_pooler(network) else {}
    given = as_floats(unwrapped(tensors))
    adapted = [key for key, each in given.items() if _is_stem(each) and channels != COLOURS]
    given |= {key: with_channels(given[key], channels) for key in adapted}
    with quiet():
        try:
            made, told = network.from_pretrained(  # type: ignore[attr-defined]
                None,
                config=config,
                state_dict=dict(given),
                ignore_mismatched_sizes=True,
                output_loading_info=True,
                **extra,
            )
        except Exception as error:  # of a conversion between releases that meets other tensors
            raise UserError(
                f"'{name}' is of another network than {network.__name__}: {error}"
            ) from error
    own = made.state_dict()
    _refuse_others(made, {key: sorted(told[key]) for key in TOLD}, len(own), name)
    left_out = [key for key in sorted(told["unexpected_keys"]) if not key.endswith(COUNTERS)]
    fresh = [key for key in sorted(told["missing_keys"]) if not key.endswith(COUNTERS)]
    total = sum(not key.endswith(COUNTERS) for key in given)
    made.to(torch.get_default_dtype()).train()
    return made, Loaded(name, total - len(left_out), total, left_out, fresh, adapted)


def _is_stem(weight: Tensor) -> bool:
    return weight.ndim == 4 and weight.shape[1] == COLOURS


TOLD = ("missing_keys", "unexpected_keys", "mismatched_keys")
"""What the library says of names and shapes that differ."""


def _refuse_others(network: Any, told: Mapping[str, list[Any]], tensors: int, name: str) -> None:
    """Refuse weights of another network.

    Raises:
        UserError: a tensor is missing, too many, or of another shape, outside of a head.
    """
    prefix = f"{network.base_model_prefix}."
    tops = {key.partition(".")[0] for key in network.state_dict()}
    names = [str(key).removeprefix(prefix) for key in told["unexpected_keys"]]
    strange = [key for key in names if key.partition(".")[0] in tops and not key.endswith(COUNTERS)]
    missing = [
        key
        for key in told["missing_keys"]
        if not key.endswith(COUNTERS) and not key.startswith("pooler.")
    ]
    kind = type(network).__name__
    if missing or strange:
        said = f"'{name}' is of another network than {kind}: "
        said += f"{tensors - len(told['missing_keys'])} of its {tensors} tensors are there by name"
        said += f"; it has no {some(missing)}" if missing else ""
        said += f"; it has {some(strange)}, which is of no layer here" if strange else ""
        raise UserError(f"{said}.")
    for key, theirs, ours in told["mismatched_keys"]:
        raise UserError(
            f"'{name}' does not fit {kind}: '{key}' is {tuple(theirs)} there and {tuple(ours)} "
            f"in the network."
        )


def unwrapped(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors without what a program put before all of their names."""
    names = dict(tensors)
    for _ in WRAPPERS:
        for wrapper in WRAPPERS:
            if names and all(key.startswith(wrapper) for key in names):
                names = {key.removeprefix(wrapper): value for key, value in names.items()}
    return names


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
