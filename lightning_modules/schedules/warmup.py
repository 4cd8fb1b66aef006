"""What the schedules share: a linear warm-up, then a factor that is a function of the step."""

import math
import warnings
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from datamodules.errors import UserError

LONGEST_FRACTION = 10_000
"""A fraction stands for at most so many steps: the warm-up of BERT and of the vision transformer.

Without it, a run of a million epochs that a time limit ends would never leave its warm-up.
"""


class WarmupSchedule(LRScheduler, ABC):
    """Multiply each group's own rate by a factor, every optimizer step.

    The factor depends on the step and on numbers kept in the state, not on the rate before, so a
    resumed run has the same rates to the last bit. Step ``s`` of a warm-up of ``w`` steps has the
    factor ``(s + 1) / (w + 1)``: never zero, and whole from step ``w`` on.

    Args:
        optimizer: its groups' rates are the highest ones of the run.
        total_steps: optimizer steps of the run; -1 where only time limits it.
        warmup: a fraction of the run if below 1 (at most ``LONGEST_FRACTION`` steps; of that many
            where the run's length is unknown), else a number of steps.

    Raises:
        UserError: ``warmup`` is negative or not a number.
    """

    follows_length: ClassVar[tuple[str, ...]] = ("total_steps",)
    """What follows from the length of the run, and not from a checkpoint of a shorter one.

    The warm-up stays as long as it was: a longer one would begin again what is over.
    """

    def __init__(self, optimizer: Optimizer, total_steps: int, warmup: float = 0.0) -> None:
        self.total_steps = total_steps
        self.warmup_steps = warmup_steps(warmup, total_steps)
        super().__init__(optimizer)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a step of a run, which may have become longer since."""
        of_this_run = {name: getattr(self, name) for name in self.follows_length}
        super().load_state_dict({**state_dict, **of_this_run})
        # a longer run is elsewhere on its curve at the same step
        self._last_lr = self.get_lr()
        for group, rate in zip(self.optimizer.param_groups, self._last_lr, strict=True):
            group["lr"] = rate

    @abstractmethod
    def after_warmup(self, step: int) -> float:
        """Return the factor of a step as if there were no warm-up."""

    def factor(self, step: int) -> float:
        """Return what a group's own rate is multiplied by at a step, counted from 0."""
        ramp = min(1.0, (step + 1) / (self.warmup_steps + 1))
        return ramp * self.after_warmup(step)

    def get_lr(self) -> list[float | Tensor]:
        """Return the rate of each group at the current step."""
        factor = self.factor(self.last_epoch)
        return [rate * factor for rate in self.base_lrs]

    def has_length(self) -> bool:
        """Tell whether the run has a number of steps; warn if not, since then no rate can fall."""
        if self.total_steps > 0:
            return True
        warnings.warn(
            f"The run has no number of steps, so {type(self).__name__} holds the rate after its "
            "warm-up; set trainer.max_epochs or trainer.max_steps to let it fall.",
            stacklevel=3,
        )
        return False


class Constant(WarmupSchedule):
    """Keep the rate, after an optional warm-up.

    Args:
        optimizer: its groups' rates are kept.
        total_steps: optimizer steps of the run; -1 where only time limits it.
        warmup: a fraction of the run if below 1, else a number of steps.
    """

    def after_warmup(self, step: int) -> float:
        """Return 1."""
        return 1.0


def warmup_steps(warmup: float, total_steps: int) -> int:
    """Return the length of a warm-up in steps.

    Args:
        warmup: a fraction of the run if below 1, else a number of steps.
        total_steps: optimizer steps of the run; below 1 where it is unknown.
    """
    if not 0 <= warmup < math.inf:
        raise UserError(
            f"warmup is {warmup}, but must be a fraction of the run below 1 or a number of steps."
        )
    if warmup >= 1:
        return round(warmup)
    if total_steps < 1:
        return round(warmup * LONGEST_FRACTION)
    return min(round(warmup * total_steps), LONGEST_FRACTION)
