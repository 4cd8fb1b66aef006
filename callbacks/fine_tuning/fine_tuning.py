"""What all ways to hold a backbone back share: what they refuse, and that they let go of it."""

from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import nn

from datamodules.errors import UserError
from lightning_modules.parameter_groups.groups import backbone_of


class FineTuning(Callback):
    """Hold a backbone back during a fit, and leave it as it was found.

    Raises:
        UserError: the model has no backbone, or something else decides what of it learns.
    """

    def __init__(self) -> None:
        self._held: list[nn.Parameter] = []

    @property
    def name(self) -> str:
        """What a user calls it."""
        return type(self).__name__

    def learns_from(self, backbone: nn.Module, epochs: int) -> dict[int, int]:
        """Return for the ``id`` of each parameter that waits the epoch in which it begins to learn.

        Args:
            backbone: whose parameters.
            epochs: of the run; what would wait longer waits for so many.
        """
        return {}

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Refuse what it cannot be used with."""
        if stage != "fit":
            return
        callbacks: list[Callback] = trainer.callbacks  # type: ignore[attr-defined]
        others = [each for each in callbacks if isinstance(each, FineTuning) and each is not self]
        if others:
            raise UserError(
                f"{self.name} and {others[0].name} both decide when the backbone learns: take one "
                f"of them out of --trainer.callbacks."
            )
        if getattr(pl_module, "adapter", None) is not None:
            raise UserError(
                f"{self.name} decides when the backbone learns, but with an adapter it never does: "
                f"take {self.name} or --model.adapter out."
            )
        backbone = backbone_of(pl_module, self.name)
        # what a user froze stays frozen
        self._held = [each for each in backbone.parameters() if each.requires_grad]

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Let go."""
        self.let_go(trainer, pl_module)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Let go."""
        if stage == "fit":
            self.let_go(trainer, pl_module)

    def let_go(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let the whole backbone learn again."""
        for parameter in self._held:
            parameter.requires_grad_(True)
        if self._held:
            backbone: Any = pl_module.backbone
            backbone.train(pl_module.training)
        self._held = []
