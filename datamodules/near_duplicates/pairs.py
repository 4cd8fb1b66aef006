"""Pairs of rows, and how far apart they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datamodules.splits.split import Rows

EQUAL = 1e-3
"""Share by which the distances of copies differ at most."""


@dataclass(frozen=True)
class Pairs:
    """P pairs of rows that are all but copies, the nearest first.

    Attributes:
        first: (P,) row numbers, each smaller than its partner's.
        second: (P,) row numbers.
        distance: (P,) how unlike the two are, in a unit of the kind of data.
        untold: how many further ones are as near, as chance may have brought them together.
    """

    first: Rows
    second: Rows
    distance: NDArray[np.float64]
    untold: int = 0

    @classmethod
    def of(cls, ends: Rows, distance: NDArray[np.float64], untold: int = 0) -> "Pairs":
        """Bring pairs into order: (P, 2) row numbers and (P,) distances."""
        ends = np.sort(ends.reshape(-1, 2), axis=1)
        order = np.lexsort((ends[:, 1], ends[:, 0], distance))
        return cls(ends[order, 0], ends[order, 1], distance[order], untold)

    @classmethod
    def none(cls) -> "Pairs":
        """Return no pairs."""
        return cls.of(np.empty((0, 2), dtype=np.int64), np.empty(0))

    def __len__(self) -> int:
        return len(self.first)


def nearest_of_each(ends: Rows, distance: NDArray[np.float64], parts: Rows | None) -> Rows:
    """Return which pairs to keep, so that each row has its nearest partner and no other.

    Of a row in the largest part every partner is kept that has it for its nearest: where a row
    of training rows was copied twice, both copies are told. Where there are parts, the first of
    several equally near partners is kept; where there are none, all of them, so that which rows
    belong together does not depend on their order.

    Args:
        ends: (P, 2) row numbers.
        distance: (P,) how unlike the two are.
        parts: (N,) the part of each row, where only pairs of two parts are wanted.

    Returns:
        (K,) numbers of pairs, in ascending order.
    """
    asker, pair, partner = _asking(ends, parts)
    away = distance[pair]
    if parts is None:
        nearest = np.full(asker.max(initial=-1) + 1, np.inf)
        np.minimum.at(nearest, asker, away)
        kept = pair[away == nearest[asker]]
    else:
        order = np.lexsort((partner, away, asker))
        kept = pair[order[np.diff(asker[order], prepend=-1) != 0]]
    numbers: Rows = np.unique(kept)
    return numbers


def outstanding(
    ends: Rows, distance: NDArray[np.float64], parts: Rows | None, ratio: float
) -> NDArray[np.bool_]:
    """Return which pairs are so much nearer than a row's next partner (Lowe 2004, section 7.1).

    Partners at equal distances are copies of one another, and count as one.

    Args:
        ends: (P, 2) row numbers, each row with some partners that are no near-duplicates.
        distance: (P,) how unlike the two are.
        parts: (N,) the part of each row, where only pairs of two parts are wanted.
        ratio: the largest share of the distance of the next.

    Shape:
        (P, 2) -> (P,)
    """
    asker, pair, _ = _asking(ends, parts)
    away = distance[pair]
    nearest, further = np.full((2, asker.max(initial=-1) + 1), np.inf)
    np.minimum.at(nearest, asker, away)
    others = away > nearest[asker] * (1 + EQUAL)
    np.minimum.at(further, asker[others], away[others])
    kept = np.ones(len(ends), dtype=bool)
    kept[pair[away >= ratio * further[asker]]] = False
    return kept


def _asking(ends: Rows, parts: Rows | None) -> tuple[Rows, Rows, Rows]:
    """Return each row that asks for a partner, the number of the pair, and the partner."""
    asker = ends.reshape(-1)
    pair = np.repeat(np.arange(len(ends)), 2)
    partner = ends[:, ::-1].reshape(-1)
    if parts is None:
        return asker, pair, partner
    asking = parts[asker] != np.bincount(parts).argmax()
    return asker[asking], pair[asking], partner[asking]
