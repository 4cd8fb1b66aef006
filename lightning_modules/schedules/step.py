"""Warm-up, then a drop at fractions of the run."""

from collections.abc import Sequence

from torch.optim import Optimizer

from datamodules.errors import UserError
from lightning_modules.schedules.warmup import WarmupSchedule


class WarmupStep(WarmupSchedule):
    """Warm up, then multiply the rate by ``gamma`` at each milestone.

    With an unknown number of steps there are no milestones.

    Args:
        optimizer: its groups' rates are the highest ones of the run.
        total_steps: optimizer steps of the run; -1 where only time limits it.
        warmup: a fraction of the run if below 1, else a number of steps.
        gamma: the factor of one drop.
        milestones: where the rate drops, as fractions of the run.

    Raises:
        UserError: a milestone is not between 0 and 1, or ``gamma`` is not above 0.
    """

    follows_length = ("total_steps", "drops")

    def __init__(
        self,
        optimizer: Optimizer,
        total_steps: int,
        warmup: float = 0.05,
        gamma: float = 0.1,
        milestones: Sequence[float] = (0.5, 0.75),
    ) -> None:
        wrong = [milestone for milestone in milestones if not 0 < milestone < 1]
        if wrong:
            raise UserError(f"milestones has {wrong[0]}, but takes fractions between 0 and 1.")
        if not gamma > 0:
            raise UserError(f"gamma is {gamma}, but must be above 0.")
        self.gamma = gamma
        # at least 1: a drop at the very first step would only be a lower rate
        self.drops = [max(1, round(part * total_steps)) for part in milestones if total_steps > 0]
        super().__init__(optimizer, total_steps, warmup)
        self.has_length()

    def after_warmup(self, step: int) -> float:
        """Return ``gamma`` to the power of the milestones that have passed."""
        passed = sum(step >= drop for drop in self.drops)
        return float(self.gamma**passed)
