"""The checkpoint from which training goes on."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint


class LastCheckpoint(Checkpoint):
    """Keep the state of training in one file, at the end of each epoch and as often as asked.

    Lightning's own saves by steps or by epochs, and not by both; and what it saves on the last
    batch of an epoch, before validation, begins that epoch again. Here the end of the epoch stands
    for its last batch.

    Args:
        path: of the file, which is replaced each time.
        every_n_train_steps: also save after so many optimizer steps.
        train_time_interval: also save when so much time has passed.
        every_n_epochs: save once in so many epochs, at the end of one, and at the end of the last.
    """

    def __init__(
        self,
        path: str | Path,
        every_n_train_steps: int | None = None,
        train_time_interval: timedelta | None = None,
        every_n_epochs: int | None = None,
    ) -> None:
        self.path = Path(path)
        self.every_n_train_steps = every_n_train_steps
        self.train_time_interval = train_time_interval
        self.every_n_epochs = every_n_epochs or 1
        self.saved_step = -1
        self.saved_time = time.monotonic()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save if it is time to, but not where the epoch ends anyway."""
        if not trainer.is_last_batch and (_ends_here(trainer) or self._is_due(trainer)):
            self.save(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the epoch, unless it was left in its middle, where a resumed run goes on."""
        if trainer.global_step == self.saved_step:
            return
        if (trainer.current_epoch + 1) % self.every_n_epochs == 0:
            self.save(trainer)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the end, if that was not its turn."""
        if trainer.global_step != self.saved_step and trainer.global_step > 0:
            self.save(trainer)

    def save(self, trainer: Trainer) -> None:
        """Write the file, whole, once the figures up to here are written."""
        for logger in trainer.loggers:
            logger.save()
        trainer.save_checkpoint(self.path)
        self.saved_step, self.saved_time = trainer.global_step, time.monotonic()

    def _is_due(self, trainer: Trainer) -> bool:
        if trainer.global_step == self.saved_step:  # gradients are being accumulated
            return False
        steps, interval = self.every_n_train_steps, self.train_time_interval
        if steps is not None and trainer.global_step % steps == 0:
            return True
        if interval is None:
            return False
        passed = time.monotonic() - self.saved_time >= interval.total_seconds()
        return bool(trainer.strategy.broadcast(passed))  # the clocks of processes differ


def _ends_here(trainer: Trainer) -> bool:
    """Tell whether training ends after this step, though the epoch has more."""
    return trainer.should_stop or 0 <= trainer.max_steps <= trainer.global_step
