"""An average of the weights in which each step counts less than the next."""

from lightning import Trainer

from callbacks.averages.average import WeightAverage
from datamodules.errors import UserError


class ExponentialMovingAverage(WeightAverage):
    """Measure and keep an exponential moving average of the weights, which swings less than they.

    Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging", with the
    decay that is usual since Szegedy et al. 2016, "Rethinking the Inception Architecture", section
    8. After n steps the decay is ``min(decay, (1 + n) / (10 + n))``, so that a short run is an
    average of its last tenth and not of the random weights that it began with. Running statistics
    of batch norms are averaged like weights.

    Args:
        decay: the part of the average that stays in each optimizer step; 0.999 is an average over
            about a thousand steps.
        evaluate: whether the average is what validation measures and checkpoints keep; if not, it
            is written beside them at the end, as ``averaged.ckpt``.

    Raises:
        UserError: the decay is not from 0 to below 1.
    """

    def __init__(self, decay: float = 0.999, evaluate: bool = True) -> None:
        super().__init__(evaluate)
        if not 0 <= decay < 1:
            raise UserError(
                f"ExponentialMovingAverage takes decay from 0 to below 1, but got {decay}."
            )
        self.decay = decay

    def is_due(self, trainer: Trainer) -> bool:
        """Average each step."""
        return True

    def part(self, count: int) -> float:
        """Return the part of the new weights after so many steps."""
        return 1 - decay_after(count, self.decay)


def decay_after(steps: int, decay: float) -> float:
    """Return the part of an average that stays, after so many steps.

    Args:
        steps: that were averaged before.
        decay: in the long run.
    """
    return min(decay, (1 + steps) / (10 + steps))
