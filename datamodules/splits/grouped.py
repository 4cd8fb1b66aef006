"""Groups that stay whole, such as the rows of one person."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.errors import UserError, unknown
from datamodules.splits.shares import ShareSplit
from datamodules.splits.split import Rows, Split


@dataclass(frozen=True)
class GroupedSplit(ShareSplit):
    """Hold out whole groups, with the frequencies of the strata kept as well as groups allow.

    Groups are dealt out one by one, the largest first and equal ones by chance, each to the part
    that lacks most of what the group has. A missing group is a group of its own row. The model does
    not see the column: a group that is held out would tell it nothing.

    Args:
        group: the column that names the group.
        val: share of the rows used for validation.
        test: share of the rows held out for testing.
        seed: makes the split repeatable.

    Raises:
        UserError: the shares leave nothing to train on, or are negative.
    """

    group: str
    val: float = 0.15
    test: float = 0.15
    seed: int = 0

    @property
    def leave_out(self) -> list[str]:
        """The column that a model must not see."""
        return [self.group]

    def __call__(self, rows: Rows, strata: Rows, frame: pl.DataFrame) -> Split:
        """Divide ``rows``, (M,), by their groups and ``strata``, (M,).

        Raises:
            UserError: there is no such column, or too few groups.
        """
        groups = self._groups(rows, frame)
        count = int(groups.max()) + 1
        wanted = 1 + (self.val > 0) + (self.test > 0)
        if count < wanted:
            raise UserError(
                f"--data.split.group: '{self.group}' names {count} groups, too few for {wanted} "
                f"parts that each hold whole groups."
            )
        part = self._dealt(groups, strata, count)[groups]  # (M,) 0, 1, 2
        return Split(*(rows[part == place] for place in range(3)))

    def _groups(self, rows: Rows, frame: pl.DataFrame) -> Rows:
        """Return the number of each row's group: (M,)."""
        if self.group not in frame.columns:
            raise unknown("column for --data.split.group", self.group, frame.columns)
        column = frame[self.group][rows].cast(pl.String)
        own = pl.Series([f"\x00row {row}" for row in rows]) if column.null_count() else column
        named = column.zip_with(column.is_not_null(), own)
        numbers: Rows = named.rank("dense").cast(pl.Int64).to_numpy() - 1
        return numbers

    def _dealt(self, groups: Rows, strata: Rows, count: int) -> Rows:
        """Return the part of each group: (groups,) 0 for training, 1 validation, 2 test."""
        kinds, stratum = np.unique(strata, return_inverse=True)
        counts = np.zeros((count, len(kinds)))
        np.add.at(counts, (groups, stratum), 1)
        shares = np.array([1 - self.val - self.test, self.val, self.test])
        missing = shares[:, None] * counts.sum(axis=0)  # (3, strata) rows that a part still lacks
        whole = missing.copy()
        chance = np.random.default_rng(self.seed).random(count)
        part = np.zeros(count, dtype=np.int64)
        open_parts = shares > 0
        for group in np.lexsort((chance, -counts.sum(axis=1))):
            # what share of its due a part would still lack, weighted by what the group brings
            lack = (missing / np.maximum(whole, 1e-9)) @ counts[group]
            place = int(np.where(open_parts, lack, -np.inf).argmax())
            part[group] = place
            missing[place] -= counts[group]
        return _none_empty(part, counts.sum(axis=1), open_parts)


def _none_empty(part: Rows, sizes: NDArray[np.float64], wanted: NDArray[np.bool_]) -> Rows:
    """Give a part without a group the smallest group of one that has several."""
    for place in np.flatnonzero(wanted):
        if (part == place).any():
            continue
        several = np.flatnonzero(np.bincount(part, minlength=3)[part] > 1)
        part[several[sizes[several].argmin()]] = place
    return part
