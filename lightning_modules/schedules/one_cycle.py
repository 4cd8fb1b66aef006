"""One cycle of the rate, and the opposite one of the momentum."""

import math
from typing import Any

from torch import Tensor
from torch.optim import Optimizer

from datamodules.errors import UserError
from lightning_modules.schedules.warmup import WarmupSchedule


class OneCycle(WarmupSchedule):
    """Rise to the optimizer's own rate, then fall far below the first one.

    Smith & Topin 2018, "Super-Convergence", the 1cycle policy, with cosines as in
    ``torch.optim.lr_scheduler.OneCycleLR``; momentum (or Adam's first beta) goes the other way,
    where the optimizer uses any.

    Args:
        optimizer: its groups' rates are the highest ones of the run.
        total_steps: optimizer steps of the run.
        warmup: length of the rise: a fraction of the run if below 1, else a number of steps.
        div_factor: the highest rate over the first one.
        final_div_factor: the first rate over the last one.
        cycle_momentum: whether momentum changes too.
        base_momentum: momentum at the highest rate.
        max_momentum: momentum at both ends.

    Raises:
        UserError: the run has no number of steps, or a divisor is below 1.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_steps: int,
        warmup: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
    ) -> None:
        if total_steps < 1:
            raise UserError(
                "OneCycle needs a run of known length: set trainer.max_epochs or "
                "trainer.max_steps, or choose the schedule Constant."
            )
        if min(div_factor, final_div_factor) < 1:
            raise UserError("div_factor and final_div_factor must be at least 1.")
        self.first = 1 / div_factor
        self.last = self.first / final_div_factor
        self.cycle_momentum = cycle_momentum
        self.base_momentum = base_momentum
        self.max_momentum = max_momentum
        super().__init__(optimizer, total_steps, warmup)

    def after_warmup(self, step: int) -> float:
        """Return the factor of the fall, from 1 down to the last one."""
        return _cosine(1.0, self.last, self._fallen(step))

    def factor(self, step: int) -> float:
        """Return what a group's own rate is multiplied by at a step, counted from 0."""
        if step < self.warmup_steps:
            return _cosine(self.first, 1.0, step / self.warmup_steps)
        return self.after_warmup(step)

    def get_lr(self) -> list[float | Tensor]:
        """Return the rate of each group at the current step, and set the groups' momentum."""
        if self.cycle_momentum:
            momentum = self.momentum(self.last_epoch)
            for group in self.optimizer.param_groups:
                _set_momentum(group, momentum)
        return super().get_lr()

    def momentum(self, step: int) -> float:
        """Return the momentum at a step, counted from 0."""
        if step < self.warmup_steps:
            return _cosine(self.max_momentum, self.base_momentum, step / self.warmup_steps)
        return _cosine(self.base_momentum, self.max_momentum, self._fallen(step))

    def _fallen(self, step: int) -> float:
        span = max(1, self.total_steps - 1 - self.warmup_steps)
        return min(1.0, (step - self.warmup_steps) / span)


def _cosine(start: float, end: float, progress: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * progress))


def _set_momentum(group: dict[str, Any], momentum: float) -> None:
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    # SGD without momentum stays without: the user did not ask for any
    elif group.get("momentum"):
        group["momentum"] = momentum
