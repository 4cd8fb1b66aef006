"""Columns that name groups, such as the rows of one person."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.audits.audited import Audited
from datamodules.features.moments import moment_kind
from datamodules.splits.split import Rows
from datamodules.splits.units import parts_of_units

FEWEST = 5
"""Groups of two rows and more."""
COVERED = 0.5
"""The share of rows that have a group."""
WHOLE = 0.1
"""The share of groups that a split cuts by oversight: by chance it would cut many times more."""


class Groups(NamedTuple):
    """The groups that a column names.

    Attributes:
        number: (N,) the group of each row, -1 where it has none.
        sizes: (G,) rows in each, within the parts.
        cut: (G,) whether a group stands in more than one part.
        random_cut: how many a split by chance would cut.
    """

    number: Rows
    sizes: Rows
    cut: NDArray[np.bool_]
    random_cut: float


def groups_of(audited: Audited, name: str) -> Groups | None:
    """Return the groups of a column; ``None`` where it cannot name groups."""
    column = audited.records.frame[name]
    if column.dtype.is_nested() or column.dtype.is_float() or column.dtype == pl.Boolean:
        return None
    if column.dtype in (pl.Binary, pl.Object) or moment_kind(column) is not None:
        return None
    used = audited.part >= 0
    known = used & column.is_not_null().to_numpy()
    number = np.full(len(column), -1, dtype=np.int64)
    number[known] = np.unique(_ranks(column)[known], return_inverse=True)[1]
    sizes = np.bincount(number[known])
    if (sizes > 1).sum() < FEWEST or known.sum() < COVERED * used.sum():
        return None
    parts = parts_of_units(number[known], audited.part[known], len(sizes))
    shares = np.bincount(audited.part[used], minlength=3) / used.sum()
    random_cut = float((1 - (shares[:, None] ** sizes).sum(axis=0)).sum())
    return Groups(number, sizes, parts.sum(axis=1) > 1, random_cut)


def are_whole(groups: Groups) -> bool:
    """Tell whether a split keeps groups whole, but for an oversight, as none by chance does."""
    cut = int(groups.cut.sum())
    return groups.random_cut >= FEWEST and cut <= max(1, WHOLE * groups.random_cut)


def whole_groups(audited: Audited) -> Rows | None:
    """Return the group of each row where the split keeps the groups of a column whole: (N,)."""
    frame = audited.records.frame
    names = [audited.group] if audited.group else frame.columns
    for name in names:
        if name in audited.target or name == audited.time:
            continue
        groups = groups_of(audited, name)
        if groups is not None and are_whole(groups):
            return groups.number
    return None


def _ranks(column: pl.Series) -> Rows:
    coded = column.cast(pl.Categorical) if column.dtype == pl.String else column
    ranks: Rows = coded.to_physical().fill_null(0).cast(pl.Int64).to_numpy()
    return ranks
