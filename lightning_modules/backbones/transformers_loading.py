"""Plain tensors in networks of the transformers library, by the names that it has for them."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from datamodules.errors import UserError
from lightning_modules.backbones.loading import (
    COLOURS,
    COUNTERS,
    Loaded,
    as_floats,
    of_another_network,
    of_another_shape,
    refuse_not_finite,
    with_channels,
)
from lightning_modules.backbones.transformers_library import has_optional_pooler, quiet

WRAPPERS = ("network.", "module.", "_orig_mod.", "0.auto_model.", "0.model.")
"""What programs put before every name of a file, beside the library's own prefixes."""


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
    refuse_not_finite(made, name)
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
        there = (tensors - len(told["missing_keys"]), tensors)
        raise of_another_network(name, kind, there, missing, strange)
    for key, theirs, ours in told["mismatched_keys"]:
        raise of_another_shape(name, kind, key, theirs, ours)


def unwrapped(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors without what a program put before all of their names."""
    names = dict(tensors)
    for _ in WRAPPERS:
        for wrapper in WRAPPERS:
            if names and all(key.startswith(wrapper) for key in names):
                names = {key.removeprefix(wrapper): value for key, value in names.items()}
    return names
