"""What a person sees of a run: a bar while an epoch lasts, a line when it is over."""

import sys
import time
from collections.abc import Mapping
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from lightning.pytorch.trainer.states import TrainerFn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from callbacks.learning_rates import MONITORED

INTERVAL = 0.1
"""Seconds between two updates of the bar: more often is not seen, and costs time."""
PATIENCE = 0.5
"""Seconds before there is a bar at all."""
MEASURING = {
    "sanity_check": ("checking", "num_sanity_val_batches"),
    "validate": ("validating", "num_val_batches"),
    "test": ("testing", "num_test_batches"),
    "predict": ("predicting", "num_predict_batches"),
}
"""What a stage is called, and where the trainer says how many batches it has."""


class EpochProgress(ProgressBar):
    """A bar on a terminal, and a line of figures for each epoch everywhere.

    The bar is updated by the clock and not by the step, so a fast model is not held up by it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.console = Console(file=sys.stderr, highlight=False)
        self.bar: Progress | None = None
        self.begun = 0.0
        self.updated = 0.0
        self._shown = True

    def disable(self) -> None:
        """Show nothing, as on every process but the first."""
        self._shown = False

    def enable(self) -> None:
        """Show it again."""
        self._shown = True

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self.begun = self.updated = time.monotonic()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Move the bar."""
        title = f"epoch {trainer.current_epoch + 1}/{_epochs(trainer)}"
        self._move(title, batch_idx + 1, self.total_train_batches)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Replace the bar by the epoch's figures."""
        self._close()
        if self._shown:
            seconds = time.monotonic() - self.begun
            width = self.console.width if self.console.is_terminal else None
            line = epoch_line(trainer.current_epoch + 1, trainer.callback_metrics, seconds, width)
            self.console.print(line, soft_wrap=True)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock, unless this is a part of an epoch of training."""
        if trainer.state.fn != TrainerFn.FITTING:
            self.begun = self.updated = time.monotonic()

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Move the bar."""
        stage = trainer.state.stage
        assert stage is not None
        title, batches = MEASURING[stage.value]
        self._move(title, batch_idx + 1, sum(getattr(trainer, batches)))

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Take the bar away, unless this is a part of an epoch of training."""
        if trainer.state.fn != TrainerFn.FITTING:
            self._close()

    on_test_start = on_predict_start = on_validation_start
    on_test_batch_end = on_predict_batch_end = on_validation_batch_end
    on_test_end = on_predict_end = on_validation_end

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Take the bar away."""
        self._close()

    def _move(self, title: str, done: int, total: float) -> None:
        now = time.monotonic()
        if now - self.updated < INTERVAL or not self._shown:
            return
        self.updated = now
        if self.bar is None:
            if now - self.begun < PATIENCE or not self.console.is_terminal:
                return
            self.bar = _new_bar(self.console)
            self.bar.add_task(title)
            self.bar.start()
        self.bar.update(
            self.bar.task_ids[0], description=title, completed=done, total=total, refresh=True
        )

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def epoch_line(
    epoch: int, figures: Mapping[str, Any], seconds: float, width: int | None = None
) -> str:
    """Return an epoch's figures as one line, training first.

    Args:
        epoch: counted from 1.
        figures: logged ones by name.
        seconds: that it took.
        width: of the terminal, within which the losses are told and as much else as there is room
            for; all where it is ``None``.
    """
    names = [name for name in figures if not name.startswith(MONITORED)]  # rates are curves
    names.sort(key=lambda name: (not name.startswith("train/"), name != "val/loss", name))
    line, end = f"epoch {epoch:3d}", f"  {seconds:.1f} s"
    for name in names:
        figure = f"  {name} {float(figures[name]):.4g}"
        if width is None or len(line) + len(figure) + len(end) <= width:
            line += figure
    return line + end


def _new_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        auto_refresh=False,
    )


def _epochs(trainer: Trainer) -> str:
    return "?" if trainer.max_epochs in (None, -1) else str(trainer.max_epochs)
