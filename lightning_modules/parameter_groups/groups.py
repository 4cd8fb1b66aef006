"""Parts of a model that learn at rates of their own."""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

from torch import nn

from datamodules.errors import UserError


class Part(NamedTuple):
    """Parameters that learn at one rate.

    Attributes:
        name: as a user reads it.
        factor: what the optimizer's learning rate is multiplied by.
        parameters: of the part, frozen ones among them.
    """

    name: str
    factor: float
    parameters: list[nn.Parameter]


class ParameterGroups(ABC):
    """Divide a model into parts, each with a factor of the optimizer's learning rate."""

    @abstractmethod
    def of_backbone(self, backbone: nn.Module) -> list[Part]:
        """Return the parts of a backbone, each of its parameters in one of them."""

    def parts(self, module: nn.Module) -> list[Part]:
        """Return the parts of a model: all that is not in its backbone is the head.

        Args:
            module: with a ``backbone``.

        Raises:
            UserError: it has none.
        """
        backbone = backbone_of(module, type(self).__name__)
        parts = self.of_backbone(backbone)
        known = {id(parameter) for part in parts for parameter in part.parameters}
        rest = [parameter for parameter in module.parameters() if id(parameter) not in known]
        return [Part("head", 1.0, rest), *parts]


def backbone_of(module: nn.Module, wanted_by: str) -> nn.Module:
    """Return the backbone of a model.

    Args:
        module: of ours, or a user's own.
        wanted_by: the class that treats the backbone otherwise than the rest, for the error.

    Raises:
        UserError: it has none.
    """
    backbone = getattr(module, "backbone", None)
    if not isinstance(backbone, nn.Module):
        raise UserError(
            f"{wanted_by} treats the backbone otherwise than the head, but "
            f"{type(module).__name__} has no 'backbone': keep the pretrained part under that name, "
            f"or leave {wanted_by} out."
        )
    return backbone


def factor_of(name: str, value: float, wanted_by: str, otherwise: str) -> float:
    """Return a factor of the learning rate, which must be above 0 and at most 1.

    Args:
        name: of the argument.
        value: as given.
        wanted_by: the class, for the error.
        otherwise: what a user may want who gives another value.

    Raises:
        UserError: it is not.
    """
    if not (math.isfinite(value) and 0 < value <= 1):
        raise UserError(
            f"{wanted_by} takes a {name} above 0 and at most 1, but was given {value}: {otherwise}."
        )
    return value
