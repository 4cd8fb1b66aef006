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

    @classmethod
    def none(cls) -> "Pairs":
        """Return no pairs."""
        return cls.of(np.empty((0, 2), dtype=np.int64), np.empty(0))

    def __len__(self) -> int:
        return len(self.first)


def nearest_of_each(ends: Rows, distance: NDArray[np.float64], parts: Rows | None) -> Rows:
    """Return which pairs to keep, so that each row has its nearest partner and no other.

    Of a row in the largest part every partner is kept that has it for its nearest: where a row
    of training rows was copied twice, both copies are told.

    Args:
        ends: (P, 2) row numbers.
        distance: (P,) how unlike the two are.
        parts: (N,) the part of each row, where only pairs of two parts are wanted.

    Returns:
        (K,) numbers of pairs, in ascending order.
    """
    asker = ends.reshape(-1)
    pair = np.repeat(np.arange(len(ends)), 2)
    partner = ends[:, ::-1].reshape(-1)
    if parts is not None:
        asking = parts[asker] != np.bincount(parts).argmax()
        asker, pair, partner = asker[asking], pair[asking], partner[asking]
    order = np.lexsort((partner, distance[pair], asker))
    first = np.diff(asker[order], prepend=-1) != 0
    kept: Rows = np.unique(pair[order[first]])
    return kept
