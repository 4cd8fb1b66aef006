"""What a step of numbers is."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Learnt = dict[str, Any]
"""What a step learnt: numbers and lists of numbers by name."""

FARTHEST = 1e307
"""No number lies beyond it, so that differences and sums of some are still floats."""


class Step(ABC):
    """Something done to one column of numbers at a time.

    A step itself holds nothing but its settings: what it learnt is plain values, kept by those who
    asked.
    """

    @abstractmethod
    def learn(self, values: Floats) -> Learnt:
        """Learn from the training rows of a column, (N,) without gaps.

        Raises:
            UserError: the values cannot go through this step; the message says why in a clause
                that begins after the column's name.
        """

    @abstractmethod
    def apply(self, values: Floats, learnt: Learnt) -> Floats:
        """Return the column of any rows, (N,) -> (N,)."""


class JointStep(Step):
    """Something done to all columns at once, (N, D), which become others."""

    @abstractmethod
    def names(self, learnt: Learnt) -> list[str]:
        """Return the names of the K columns."""


def unit_of(values: Floats) -> float:
    """Return a power of two over which the squares of values are floats; 1 of ordinary values."""
    size = float(np.abs(values).max())
    return float(2.0 ** np.floor(np.log2(size))) if size > 1e100 else 1.0
