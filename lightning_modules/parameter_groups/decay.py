"""Which parameters the optimizer's weight decay applies to."""

import re
from typing import Any

from torch import nn

_NORMALISATION = re.compile(r"Norm([123]d)?$")


def decayed_and_undecayed(module: nn.Module) -> list[dict[str, Any]]:
    """Return a module's trainable parameters as two named groups for an optimizer.

    Undecayed are biases, everything in a normalisation layer, and other parameters of one dimension
    (scales, class tokens): to shrink them does not regularise what the network computes. Each
    parameter is in one group, once, also if layers share it; a group without any is left out.

    Args:
        module: what is trained.

    Returns:
        ``{"name": "decayed", "params": [...]}``, which keeps the optimizer's own weight decay, and
        ``{"name": "undecayed", "params": [...], "weight_decay": 0.0}``.
    """
    without = undecayed(module)
    # `parameters` gives what layers share only once
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    groups: list[dict[str, Any]] = [
        {"name": "decayed", "params": [p for p in trained if id(p) not in without]},
        {
            "name": "undecayed",
            "params": [p for p in trained if id(p) in without],
            "weight_decay": 0.0,
        },
    ]
    return [group for group in groups if group["params"]]


def undecayed(module: nn.Module) -> set[int]:
    """Return the ``id`` of each parameter that weight decay should leave alone."""
    return {
        id(parameter)
        for layer in module.modules()
        for name, parameter in layer.named_parameters(recurse=False)
        if _is_undecayed(layer, name, parameter)
    }


def _is_undecayed(layer: nn.Module, name: str, parameter: nn.Parameter) -> bool:
    # by the class's name, for there is no common base and users write their own
    if _NORMALISATION.search(type(layer).__name__):
        return True
    token = parameter.ndim > 2 and parameter.numel() == parameter.shape[-1]
    return parameter.ndim < 2 or token or name == "bias" or name.endswith("_bias")
