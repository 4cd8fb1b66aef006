"""Deal rows out to parts, with the shares of each stratum kept as well as the rows allow."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from datamodules.row_hashes import Hashes, draws
from datamodules.splits.split import NOWHERE, Rows
from datamodules.splits.splitter import Parts

Wanted = NDArray[np.int64]


def numbered(strata: Rows) -> tuple[Rows, Rows]:
    """Return strata numbered from 0, (M,), and how many rows each has, (S,)."""
    _, numbers, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    return numbers, sizes


def first_draws(unit: Rows, count: int, chance: Hashes) -> Hashes:
    """Return the smallest number that is drawn for a row of each unit: (U,).

    Args:
        unit: (M,) the unit of each row, from 0.
        count: U, how many units there are.
        chance: (M,) a number drawn for each row.
    """
    first = np.full(count, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(first, unit, chance)
    return first


def wanted_by_shares(sizes: Rows, shares: Sequence[float], least: int = 3) -> Wanted:
    """Return how many rows of each stratum each part is to have: (S, P), the first takes the rest.

    Every part has its share of every stratum to within one row. What one stratum rounds off, the
    next makes up for, so that the parts have their shares of all rows as well. The first part keeps
    a row of each stratum.

    Args:
        sizes: (S,) rows of each stratum.
        shares: of each part but the first.
        least: a stratum with fewer rows stays in the first part whole.
    """
    every = np.array([1 - sum(shares), *shares])
    wanted = np.zeros((len(sizes), len(every)), dtype=np.int64)
    owed = np.zeros(len(every))
    for stratum, size in enumerate(sizes.tolist()):
        due = every * size
        given = np.floor(due + 1e-9)
        given[0] = max(given[0], 1)
        if size < least:
            given[:] = 0
            given[0] = size
        for _ in range(size - int(given.sum())):
            # no part has more than the row that rounding up gives it
            lack = np.where(given < due - 1e-9, owed + due - given, -np.inf)
            given[int(lack.argmax())] += 1
        owed = np.clip(owed + due - given, -1, 1)
        wanted[stratum] = given
    return wanted


def wanted_by_folds(sizes: Rows, folds: int) -> Wanted:
    """Return how many rows of each stratum each fold is to have: (S, folds), equal to within one.

    So are the folds themselves: where the rows of one stratum end, those of the next go on.
    """
    ends = sizes.cumsum()
    counted = (ends[:, None] + folds - 1 - np.arange(folds)) // folds  # rows up to here, by fold
    before = np.vstack([np.zeros((1, folds), dtype=np.int64), counted[:-1]])
    return counted - before


def deal(strata: Rows, together: Rows, chance: Hashes, wanted: Wanted, settled: Parts) -> Parts:
    """Return the part of each row: (M,), by chance alone within what is wanted.

    Rows that stay together go first, each set by chance to a part that still wants its rows; single
    rows then fill up what is left, so that the shares come out exact as long as there are enough.

    Args:
        strata: (M,) numbers from 0.
        together: (M,) rows with equal numbers get the same part.
        chance: (M,) numbers drawn for each row, which decide.
        wanted: (S, P) rows of each stratum in each part; what is too much goes to the first part.
        settled: (M,) a part that is fixed already, or -1.
    """
    part = settled.copy()
    left = wanted.copy()
    fixed = settled != NOWHERE
    np.subtract.at(left, (strata[fixed], settled[fixed]), 1)
    np.maximum(left, 0, out=left)
    _, unit, sizes = np.unique(together, return_inverse=True, return_counts=True)
    several = ~fixed & (sizes[unit] > 1)
    if several.any():
        part[several] = _sets(strata[several], unit[several], chance[several], left)
    single = np.flatnonzero(part == NOWHERE)
    part[single] = _singles(strata[single], chance[single], left)
    return part


def _singles(strata: Rows, chance: Hashes, left: Wanted) -> Parts:
    """Return the parts of single rows: those drawn first go to the last part, and so on."""
    order = np.lexsort((chance, strata))
    counts = np.bincount(strata, minlength=len(left))
    starts = counts.cumsum() - counts
    stratum = strata[order]
    rank = np.arange(len(order)) - starts[stratum]
    ordered = np.zeros(len(order), dtype=np.int16)
    taken = np.zeros(len(left), dtype=np.int64)
    for place in reversed(range(1, left.shape[1])):
        until = taken + left[:, place]
        ordered[(rank >= taken[stratum]) & (rank < until[stratum])] = place
        taken = until
    part = np.empty(len(order), dtype=np.int16)
    part[order] = ordered
    return part


def _sets(strata: Rows, unit: Rows, chance: Hashes, left: Wanted) -> Parts:
    """Return the parts of rows that stay together, and take them off what is left.

    A set is drawn a part with the chance that the parts' shares give it, and the roomiest one where
    that has no room for it.
    """
    _, unit = np.unique(unit, return_inverse=True)
    order = np.lexsort((chance, unit))
    starts = np.searchsorted(unit[order], np.arange(int(unit.max()) + 1))
    members = np.split(order, starts[1:])
    first = chance[order[starts]]  # the smallest number of a set is its own
    part = np.zeros(len(unit), dtype=np.int16)
    total = left.sum(axis=0)
    limits = total.cumsum() / max(1, int(total.sum()))
    # drawn anew: the smallest of several numbers is small, and would go to the first part too often
    anew = (draws(first) >> np.uint64(11)) * 2.0**-53
    drawn = np.minimum(np.searchsorted(limits, anew, side="right"), left.shape[1] - 1)
    for number in np.argsort(first):
        rows = members[number]
        kinds, counts = np.unique(strata[rows], return_counts=True)
        place = int(drawn[number])
        if (left[kinds, place] < counts).any():
            place = int((left[kinds] - counts[:, None]).min(axis=0).argmax())
        part[rows] = place
        left[kinds, place] = np.maximum(left[kinds, place] - counts, 0)
    return part
