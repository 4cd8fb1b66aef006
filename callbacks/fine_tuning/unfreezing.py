"""A backbone of which more learns in one epoch than in the one before."""

from abc import ABC, abstractmethod
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.strategies import SingleDeviceStrategy
from torch import nn

from callbacks.fine_tuning.fine_tuning import FineTuning
from lightning_modules.backbones.depth import depths_of


class Unfreezing(FineTuning, ABC):
    """Freeze the lower blocks of a backbone, fewer of them as the epochs go by.

    A frozen block keeps every tensor and buffer bit by bit: its parameters have no gradient, so
    that the optimizer passes them by, and its batch normalisation and dropout are as in
    evaluation. The optimizer has all parameters from the start. What is frozen follows from the
    number of the epoch alone, so a run that goes on in the middle is the same run.
    """

    def __init__(self) -> None:
        super().__init__()
        self._depths: dict[str, int] = {}
        self._dropped: list[nn.Parameter] = []

    @abstractmethod
    def blocks_trained(self, epoch: int, blocks: int) -> int:
        """Return how many blocks, of so many and from the top, learn in an epoch from 0 on."""

    def learns_from(self, backbone: nn.Module, epochs: int) -> dict[int, int]:
        """Return for the ``id`` of each parameter that waits the epoch in which it begins to learn.

        Args:
            backbone: whose parameters.
            epochs: of the run; what would wait longer waits for so many.
        """
        depths = depths_of(backbone)
        blocks = max(depths.values()) + 1
        trained = [self.blocks_trained(epoch, blocks) for epoch in range(epochs)]
        # the first epoch of each block, of those from the top
        first = [next((e for e, t in enumerate(trained) if t > n), epochs) for n in range(blocks)]
        return {
            id(parameter): first[blocks - 1 - depths[name.rpartition(".")[0]]]
            for name, parameter in backbone.named_parameters()
        }

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Find out where the blocks are; the optimizer is built by now, with all parameters."""
        self._depths = depths_of(_backbone(pl_module))

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Freeze, also where a run goes on in the middle of an epoch."""
        self._freeze(trainer, pl_module)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Freeze less."""
        self._freeze(trainer, pl_module)

    def on_after_backward(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Drop gradients that several processes had to make, before they are clipped or used."""
        for parameter in self._dropped:
            parameter.grad = None

    def let_go(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let the whole backbone learn again."""
        self._dropped = []
        super().let_go(trainer, pl_module)

    def _freeze(self, trainer: Trainer, pl_module: LightningModule) -> None:
        backbone = _backbone(pl_module)
        blocks = max(self._depths.values()) + 1
        lowest = blocks - self.blocks_trained(trainer.current_epoch, blocks)
        backbone.train()
        for name, module in backbone.named_modules(remove_duplicate=False):
            if self._depths[name] < lowest:
                module.training = False
        held = {id(parameter) for parameter in self._held}
        frozen = [
            (parameter, self._depths[name.rpartition(".")[0]] < lowest)
            for name, parameter in backbone.named_parameters()
            if id(parameter) in held
        ]
        if isinstance(trainer.strategy, SingleDeviceStrategy):
            for parameter, is_frozen in frozen:
                parameter.requires_grad_(not is_frozen)
        else:
            # DistributedDataParallel waits in each step for every gradient that it was built with
            self._dropped = [parameter for parameter, is_frozen in frozen if is_frozen]


def _backbone(pl_module: LightningModule) -> nn.Module:
    backbone: Any = pl_module.backbone
    assert isinstance(backbone, nn.Module)
    return backbone
