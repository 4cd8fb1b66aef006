"""What an adapter is, and what keeps the layers at rest that it freezes."""

from abc import ABC, abstractmethod
from typing import Any

from torch import Tensor, nn

from datamodules.spec import DataSpec


class Adapter(ABC):
    """Add a few parameters to a backbone, which alone are trained.

    Attributes:
        notes: sentences on what was added, for the start of a fit.
    """

    notes: list[str]

    @abstractmethod
    def __call__(self, backbone: nn.Module, spec: DataSpec) -> nn.Module:
        """Return the backbone, changed in place, with all else frozen.

        Args:
            backbone: as it was built.
            spec: the data, of which it takes the inputs.
        """


def hold_statistics(backbone: nn.Module) -> None:
    """Keep the running means and variances of a frozen backbone as they are, in training too.

    Batch norm updates them in every pass in training mode, gradients or not. It is put into
    evaluation mode right before each pass, so that no later call of ``train()`` can undo it.

    Args:
        backbone: changed in place.
    """
    for layer in backbone.modules():
        if isinstance(getattr(layer, "running_mean", None), Tensor):
            layer.register_forward_pre_hook(_in_evaluation_mode)


def release_statistics(backbone: nn.Module) -> None:
    """Undo :func:`hold_statistics`.

    Args:
        backbone: changed in place.
    """
    for layer in backbone.modules():
        hooks = layer._forward_pre_hooks
        for key in [key for key, hook in hooks.items() if hook is _in_evaluation_mode]:
            del hooks[key]


def _in_evaluation_mode(layer: nn.Module, inputs: Any) -> None:
    layer.training = False
