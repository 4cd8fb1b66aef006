"""The figures of the epoch that did best."""

import math
from typing import Any, Literal

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

from callbacks.learning_rates import MONITORED


class BestEpoch(Callback):
    """Remember the figures of the best epoch, which are those of the best checkpoint.

    Args:
        monitor: the logged name of the figure that decides.
        mode: ``min`` if lower is better, else ``max``.
    """

    def __init__(
        self, monitor: str = "val/loss", mode: Literal["min", "max"] | str = "min"
    ) -> None:
        self.monitor = monitor
        self.mode = mode
        self.epoch: int | None = None
        self.figures: dict[str, float] = {}

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Keep the epoch's figures if they are better, or if nothing decides."""
        figures = {
            name: float(value)
            for name, value in trainer.callback_metrics.items()
            if not name.startswith(MONITORED)
        }
        if is_better(figures.get(self.monitor), self.figures.get(self.monitor), self.mode):
            self.epoch, self.figures = trainer.current_epoch, figures

    def state_dict(self) -> dict[str, Any]:
        """Return what was best so far."""
        return {"epoch": self.epoch, "figures": self.figures}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what was best."""
        self.epoch, self.figures = state_dict["epoch"], state_dict["figures"]


def is_better(figure: float | None, best: float | None, mode: str) -> bool:
    """Tell whether a figure replaces the best one; what is not a number never does for long.

    Args:
        figure: of this epoch; ``None`` where it is not measured, so that the last epoch counts.
        best: so far, ``None`` at first.
        mode: ``min`` or ``max``.
    """
    if figure is None or best is None or math.isnan(best):
        return True
    return figure < best if mode == "min" else figure > best
