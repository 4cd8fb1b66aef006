"""Warm-up, then half a cosine."""

import math

from torch.optim import Optimizer

from datamodules.errors import UserError
from lightning_modules.schedules.warmup import WarmupSchedule


class WarmupCosine(WarmupSchedule):
    """Warm up, then fall along half a cosine to the end of the run.

    Loshchilov & Hutter 2017, "SGDR", equation 5 with one period. With an unknown number of steps
    the rate stays whole after the warm-up.

    Args:
        optimizer: its groups' rates are the highest ones of the run.
        total_steps: optimizer steps of the run; -1 where only time limits it.
        warmup: a fraction of the run if below 1, else a number of steps.
        floor: the fraction of the rate that is reached at the end.

    Raises:
        UserError: ``floor`` is not within 0 and 1.
    """

    def __init__(
        self, optimizer: Optimizer, total_steps: int, warmup: float = 0.05, floor: float = 0.0
    ) -> None:
        if not 0 <= floor <= 1:
            raise UserError(f"floor is {floor}, but must be a fraction of the rate, 0 to 1.")
        self.floor = floor
        super().__init__(optimizer, total_steps, warmup)
        self.has_length()

    def after_warmup(self, step: int) -> float:
        """Return the cosine's height, from 1 at the warm-up's end to ``floor``."""
        if self.total_steps < 1:
            return 1.0
        span = max(1, self.total_steps - self.warmup_steps)
        progress = min(1.0, max(0.0, (step - self.warmup_steps) / span))
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * progress)) / 2
