"""The training loss, logged without waiting for the device in each step."""

from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from callbacks.log_now import log_now
from datamodules.batch import Batch, StepOutput


class TrainingLoss(Callback):
    """Log ``train/loss``, the mean over an epoch's rows, and ``train/loss_step`` now and then.

    A row counts by the weight of its class where the loss has class weights. Both are of the rows
    of all processes but for ``train/loss_step``, which is of the first one's.

    Lightning's own logging in each step costs a fifth of a small model's speed. Here a step adds
    two numbers on the device; they are read at the end of the epoch. The sums are part of the
    state, so an epoch that is resumed in its middle has the mean of all its rows.
    """

    def __init__(self) -> None:
        self.total: Tensor | float = 0.0
        self.rows: Tensor | float = 0.0
        self.epoch = 0

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: StepOutput,  # type: ignore[override]
        batch: Batch,
        batch_idx: int,
    ) -> None:
        """Add one batch."""
        if trainer.current_epoch != self.epoch:
            self.total, self.rows, self.epoch = 0.0, 0.0, trainer.current_epoch
        loss = outputs["loss"].detach().float()  # a sum of half floats would soon stand still
        if len(outputs["index"]):  # a process may have no rows, whose mean is no number
            weight = loss_weight(pl_module, outputs)
            self.total = self.total + loss * weight
            self.rows = self.rows + weight
        if trainer.loggers and trainer.global_step % trainer.log_every_n_steps == 0:  # type: ignore[attr-defined]
            # Lightning numbers steps from zero, so an epoch's figures stand at its last step
            log_now(trainer, {"train/loss_step": float(loss)}, trainer.global_step - 1)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Log the mean over all rows of all processes."""
        total, rows = self._sums(trainer, pl_module)
        mean = (total / rows).float()
        pl_module.log("train/loss", mean, rank_zero_only=False, logger=False)
        if trainer.loggers:
            log_now(trainer, {"train/loss": float(mean)}, trainer.global_step - 1)
        self.total, self.rows = 0.0, 0.0  # the next epoch may be the first of another run

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Keep the sums of all processes."""
        if trainer.world_size > 1:
            total, rows = self._sums(trainer, pl_module)
            state = checkpoint["callbacks"][self.state_key]
            state["total"], state["rows"] = float(total), float(rows)

    def _sums(self, trainer: Trainer, pl_module: LightningModule) -> Tensor:
        """Return the sums over all processes, (2,)."""
        sums = torch.tensor([float(self.total), float(self.rows)], dtype=torch.float64)
        if trainer.world_size > 1:
            sums = trainer.strategy.reduce(sums.to(pl_module.device), reduce_op="sum")
        return sums

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave what was loaded to one process: it is of all of them."""
        if not trainer.is_global_zero:
            self.total, self.rows = 0.0, 0.0

    def state_dict(self) -> dict[str, Any]:
        """Return the sums of an epoch that is not over."""
        return {"total": float(self.total), "rows": float(self.rows), "epoch": self.epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with the sums."""
        self.total, self.rows = state_dict["total"], state_dict["rows"]
        self.epoch = state_dict["epoch"]


def loss_weight(pl_module: LightningModule, rows: Batch | StepOutput) -> Tensor | int:
    """Return what a module's loss of some rows counts for in a mean: by default their number."""
    weight = getattr(pl_module, "loss_weight", None)
    return len(rows["index"]) if weight is None else weight(rows["target"])
