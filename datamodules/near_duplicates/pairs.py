"""Pairs of rows, and how far apart they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datamodules.splits.split import Rows


@dataclass(frozen=True)
class Pairs:
    """P pairs of rows that are all but copies, the nearest first.

    Attributes:
        first: (P,) row numbers, each smaller than its partner's.
        second: (P,) row numbers.
        distance: (P,) how unlike the two are, in a unit of the kind of data.
    """

    first: Rows
    second: Rows
    distance: NDArray[np.float64]

    @classmethod
    def of(cls, ends: Rows, distance: NDArray[np.float64]) -> "Pairs":
        """Bring pairs into order: (P, 2) row numbers and (P,) distances."""
        ends = np.sort(ends.reshape(-1, 2), axis=1)
        order = np.lexsort((ends[:, 1], ends[:, 0], distance))
        return cls(ends[order, 0], ends[order, 1], distance[order])

    def __len__(self) -> int:
        return len(self.first)
