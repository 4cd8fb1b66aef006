"""A network with its adapters written into the weights that they adapt."""

import copy
from typing import Any, TypeVar

import lightning as L
from torch import nn

from datamodules.errors import UserError
from lightning_modules.adapters.adapter import release_statistics

Network = TypeVar("Network", bound=nn.Module)


def merged(network: Network) -> Network:
    """Return a copy without adapters that computes the same.

    It has the layers and names that it had before it was adapted, all of its parameters require
    gradients, and the hyper-parameters of a module no longer name an adapter. Where there are no
    adapters it is a copy.

    Args:
        network: a module or a backbone; it is left as it is.

    Raises:
        UserError: a merged weight is no finite number.
    """
    # what a trainer holds, from loaders to open files, is none of the network
    memo = {id(part): None for part in (vars(network).get("_trainer"),)}
    plain = copy.deepcopy(network, memo)
    for name, layer in adapted_layers(plain).items():
        parent, _, last = name.rpartition(".")
        setattr(plain.get_submodule(parent), last, _base(name, layer))
    for part in plain.modules():
        vars(part).pop("peft_config", None)
    release_statistics(plain)
    for parameter in plain.parameters():
        parameter.requires_grad_(parameter.is_floating_point())
    if isinstance(plain, L.LightningModule):
        plain.hparams.pop("adapter", None)
    return plain


def adapted_layers(network: nn.Module) -> dict[str, Any]:
    """Return peft's layers by name.

    Args:
        network: a module or a backbone.
    """
    return {
        name: layer for name, layer in network.named_modules() if hasattr(layer, "get_base_layer")
    }


def _base(name: str, layer: Any) -> nn.Module:
    try:
        layer.merge(safe_merge=True)
    except ValueError as error:  # of weights that are no numbers
        raise UserError(f"The adapter of '{name}' cannot be merged: {error}") from error
    base: nn.Module = layer.get_base_layer()
    return base
