"""Rows that must not be parted: copies, groups, and what joins the two."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.errors import unknown
from datamodules.splits.dealing import numbered
from datamodules.splits.split import NOWHERE, PARTS, TRAIN, Rows
from datamodules.splits.splitter import Parts, Undivided


def groups_of(undivided: Undivided, column: str) -> Rows:
    """Return the number of each row's group: (M,); a missing group is one of its own row.

    Raises:
        UserError: there is no such column.
    """
    if column not in undivided.frame.columns:
        raise unknown("column for --data.split.group", column, undivided.frame.columns)
    values = undivided.frame[column][undivided.rows]
    named = (values.fill_nan(None) if values.dtype.is_float() else values).cast(pl.String)
    numbers = named.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
    missing = named.is_null().to_numpy()
    return np.where(missing, int(numbers.max(initial=0)) + 1 + np.arange(len(named)), numbers)


def joined(first: Rows, second: Rows) -> Rows:
    """Return one number for all rows that are equal in either, directly or through others: (M,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    _, one = np.unique(first, return_inverse=True)
    _, other = np.unique(second, return_inverse=True)
    if int(other.max(initial=-1)) + 1 == len(other):
        return one
    count = int(one.max()) + 1
    size = count + int(other.max()) + 1
    edges = coo_array((np.ones(len(one), dtype=np.int16), (one, count + other)), shape=(size, size))
    _, component = connected_components(edges, directed=False)
    together: Rows = component[one].astype(np.int64)
    return together


def parts_of_units(unit: Rows, parts: Parts, count: int) -> NDArray[np.bool_]:
    """Return which units have rows in which parts: (U, 3).

    Args:
        unit: (M,) the unit of each row, from 0.
        parts: (M,) the part of each row; one that is in none, -1, does not count.
        count: U, how many units there are.
    """
    has = np.zeros((count, len(PARTS)), dtype=bool)
    inside = parts != NOWHERE
    has[unit[inside], parts[inside]] = True
    return has


def following(undivided: Undivided, units: Rows, what: str) -> Parts:
    """Return the parts of the rows that are settled, and of those that must stay with them: (M,).

    New rows go where the settled rows of their unit are. A unit whose settled rows are in several
    parts sends its new rows to training, and is told of.

    Args:
        undivided: the rows.
        units: (M,) rows with equal numbers stay together.
        what: what the units are, for the note.
    """
    settled = undivided.settled
    if (settled == NOWHERE).all():
        return settled
    unit, sizes = numbered(units)
    has = parts_of_units(unit, settled, len(sizes))
    old: NDArray[np.bool_] = settled != NOWHERE
    several: NDArray[np.bool_] = has.sum(axis=1) > 1
    theirs = np.where(several, TRAIN, has.argmax(axis=1))
    any_settled: NDArray[np.bool_] = has.sum(axis=1) > 0
    new = ~old & any_settled[unit]
    torn = int((new & several[unit]).sum())
    if torn:
        undivided.notes.append(
            f"{torn} added rows went to training, since their {what} have rows in several parts"
        )
    return np.where(new, theirs[unit], settled).astype(np.int16)
