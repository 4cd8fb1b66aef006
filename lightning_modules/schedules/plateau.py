"""Warm-up, then a drop whenever a validation figure has stopped to improve."""

import math
from typing import Literal

from torch.optim import Optimizer

from datamodules.errors import UserError, unknown
from lightning_modules.schedules.warmup import WarmupSchedule


class WarmupPlateau(WarmupSchedule):
    """Warm up, then multiply the rate by ``factor`` when a figure has not improved for a while.

    It is stepped every optimizer step like the others; ``observe`` is called besides, once for each
    validation, with the figure that ``monitor`` names. A drop holds from the next ``step`` on. The
    rule is that of ``torch.optim.lr_scheduler.ReduceLROnPlateau`` with a relative threshold, but
    relative to the figure's size, so that figures below zero improve too.

    Args:
        optimizer: its groups' rates are the highest ones of the run.
        total_steps: optimizer steps of the run; -1 where only time limits it.
        warmup: a fraction of the run if below 1, else a number of steps. Figures seen in warm-up
            can set the best one but do not count as bad.
        monitor: the logged name of the figure.
        mode: ``min`` if lower is better, else ``max``.
        factor: the factor of one drop.
        patience: validations without improvement that are let pass; the next one drops the rate.
        threshold: the part of the best figure by which a better one must differ.
        floor: the fraction of the rate below which it never falls.

    Raises:
        UserError: ``factor`` is not between 0 and 1, or ``mode`` is neither of the two.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_steps: int,
        warmup: float = 0.05,
        monitor: str = "val/loss",
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 5,
        threshold: float = 1e-4,
        floor: float = 0.0,
    ) -> None:
        if not 0 < factor < 1:
            raise UserError(f"factor is {factor}, but must be between 0 and 1.")
        if mode not in ("min", "max"):
            raise unknown("mode", mode, ("min", "max"))
        self.monitor = monitor
        self.mode = mode
        self.drop = factor
        self.patience = patience
        self.threshold = threshold
        self.floor = floor
        self.best: float | None = None
        self.bad = 0
        self.height = 1.0
        super().__init__(optimizer, total_steps, warmup)

    def observe(self, figure: float) -> None:
        """Take in the figure of one validation; one that is not a number counts as bad."""
        if self._improves(figure):
            self.best = figure
            self.bad = 0
        elif self.last_epoch >= self.warmup_steps:
            self.bad += 1
        if self.bad > self.patience:
            self.height = max(self.height * self.drop, self.floor)
            self.bad = 0

    def after_warmup(self, step: int) -> float:
        """Return the product of the drops so far."""
        return self.height

    def _improves(self, figure: float) -> bool:
        if self.best is None:
            return not math.isnan(figure)
        margin = self.threshold * abs(self.best)
        if self.mode == "min":
            return figure < self.best - margin
        return figure > self.best + margin
