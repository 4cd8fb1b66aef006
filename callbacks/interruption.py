"""Ctrl-C, between two steps."""

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

from callbacks.last_checkpoint import LastCheckpoint

SIGNALS = (signal.SIGINT, signal.SIGTERM)
Handler = Callable[[int, FrameType | None], Any] | int | None


class Interruption(Callback):
    """End training after the step that is under way, with a checkpoint from which it can go on.

    Ctrl-C and SIGTERM, as schedulers of clusters send it, are heard alike. A second one ends
    training at once. Of several processes each would end at another step and wait for the others,
    so there the first one does.

    Args:
        last: keeps the state of training; ``None`` where none is to be kept.
    """

    def __init__(self, last: LastCheckpoint | None) -> None:
        self.last = last
        self.asked = False
        self.before: dict[int, Handler] = {}

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Listen, where signals can be heard."""
        self.asked = False
        if trainer.world_size > 1 or threading.current_thread() is not threading.main_thread():
            return
        self.before = {number: signal.signal(number, self._hear) for number in SIGNALS}

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Leave after the step, but let an epoch that is over be measured first."""
        if self.asked and not trainer.is_last_batch:
            if self.last is not None:
                self.last.save(trainer)
            raise KeyboardInterrupt

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave before the next epoch."""
        if self.asked:
            raise KeyboardInterrupt

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Listen no more."""
        self._deafen()

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Listen no more."""
        self._deafen()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        sys.stderr.write("stopping after this step; once more stops at once\n")

    def _deafen(self) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
        self.before = {}
