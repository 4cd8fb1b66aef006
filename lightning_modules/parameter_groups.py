"""Which parameters the optimizer's weight decay applies to."""

import re
from collections.abc import Callable
from typing import Any

from torch import nn
from torch.optim import Optimizer

from datamodules.errors import UserError

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
    undecayed = {
        id(parameter)
        for layer in module.modules()
        for name, parameter in layer.named_parameters(recurse=False)
        if _is_undecayed(layer, name, parameter)
    }
    # `parameters` gives what layers share only once
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    groups: list[dict[str, Any]] = [
        {"name": "decayed", "params": [p for p in trained if id(p) not in undecayed]},
        {
            "name": "undecayed",
            "params": [p for p in trained if id(p) in undecayed],
            "weight_decay": 0.0,
        },
    ]
    return [group for group in groups if group["params"]]


def build_optimizer(factory: Callable[[Any], Optimizer], module: nn.Module) -> Optimizer:
    """Call an optimizer's factory with a module's parameters, in groups if it decays weights.

    Args:
        factory: takes parameters, as Lightning's ``OptimizerCallable``.
        module: what is trained.

    Raises:
        UserError: nothing can be trained, or the optimizer refuses its arguments.
    """
    groups = decayed_and_undecayed(module)
    if not groups:
        raise UserError("There is nothing to train: every parameter of the model is frozen.")
    try:
        # only a built optimizer says whether it decays; one that does not may refuse groups (LBFGS)
        optimizer = factory([parameter for group in groups for parameter in group["params"]])
        return factory(groups) if "weight_decay" in optimizer.defaults else optimizer
    except ValueError as error:
        raise UserError(f"--model.optimizer: it cannot be built: {error}") from error


def _is_undecayed(layer: nn.Module, name: str, parameter: nn.Parameter) -> bool:
    # by the class's name, for there is no common base and users write their own
    if _NORMALISATION.search(type(layer).__name__):
        return True
    token = parameter.ndim > 2 and parameter.numel() == parameter.shape[-1]
    return parameter.ndim < 2 or token or name == "bias" or name.endswith("_bias")
