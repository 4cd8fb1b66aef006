"""Deal rows out to parts by whole units: groups, copies, or rows of several labels."""

import numpy as np
from numpy.typing import NDArray

from datamodules.row_hashes import Hashes
from datamodules.splits.dealing import first_draws, numbered
from datamodules.splits.split import NOWHERE, Rows
from datamodules.splits.splitter import Kinds, Parts

Floats = NDArray[np.float64]


def deal_units(units: Rows, kinds: Kinds, chance: Hashes, shares: Floats, settled: Parts) -> Parts:
    """Return the part of each row: (M,), with whole units in one part.

    Units are dealt out one by one, the largest and rarest first and equal ones by chance, each to
    the part that comes nearest by it to what it is due: where the sum over kinds of (rows - due)^2
    / due falls most, as a test of chi-squared counts. That one rule keeps the frequencies of
    classes over groups, and of several labels a row as iterative stratification does (Sechidis,
    Tsoumakas and Vlahavas 2011, section 3), to within a row or two of each label.

    Args:
        units: (M,) rows with equal numbers stay together.
        kinds: what is to be as frequent in each part.
        chance: (M,) decides between equal units.
        shares: (P,) of the parts.
        settled: (M,) a part that a row has already, or -1.
    """
    unit, sizes = numbered(units)
    row, kind = kinds
    kind, totals = numbered(kind)
    whole = np.outer(shares, totals).astype(np.float64)  # (P, K) rows that a part is due
    missing = whole.copy()
    old = settled != NOWHERE
    before = old[row]
    np.subtract.at(missing, (settled[row[before]], kind[before]), 1)
    part = np.full(len(sizes), NOWHERE, dtype=np.int16)
    part[unit[old]] = settled[old]
    first = first_draws(unit, len(sizes), chance)
    rarest = np.full(len(sizes), len(units))
    np.minimum.at(rarest, unit[row], totals[kind])
    held, counts = np.unique(unit[row] * len(totals) + kind, return_counts=True)
    starts = np.searchsorted(held, np.arange(len(sizes) + 1) * len(totals))
    held, weight = held % len(totals), counts.astype(np.float64)
    order = np.lexsort((first, rarest, -sizes))
    due = np.maximum(whole, 1e-9)
    for number in order[part[order] == NOWHERE].tolist():
        mine = slice(starts[number], starts[number + 1])
        column, bring = held[mine], weight[mine]
        gain = ((2 * missing[:, column] - bring) / due[:, column]) @ bring
        place = int(np.where(shares > 0, gain, -np.inf).argmax())
        part[number] = place
        missing[place, column] -= bring
    if not old.any():
        part = _none_empty(part, sizes, shares > 0, first)
    return np.where(old, settled, part[unit]).astype(np.int16)


def _none_empty(part: Parts, sizes: Rows, wanted: NDArray[np.bool_], first: Hashes) -> Parts:
    """Give a part without a unit the smallest unit of one that has several."""
    for place in np.flatnonzero(wanted):
        if (part == place).any():
            continue
        several = np.flatnonzero(np.bincount(part, minlength=len(wanted))[part] > 1)
        if len(several):
            part[several[np.lexsort((first[several], sizes[several]))[0]]] = place
    return part
