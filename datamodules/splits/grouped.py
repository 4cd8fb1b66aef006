"""Groups that stay whole, such as the rows of one person."""

from dataclasses import dataclass

import numpy as np

from datamodules.errors import UserError
from datamodules.row_hashes import draws
from datamodules.splits.dealing import numbered
from datamodules.splits.dealing_units import deal_units
from datamodules.splits.shares import ShareSplit
from datamodules.splits.split import NOWHERE, PARTS, Rows, Split
from datamodules.splits.splitter import Parts, Undivided
from datamodules.splits.units import following, groups_of, joined

OFF = 0.05
"""How far a part's share may be off, by groups that are large, before it is told."""


@dataclass(frozen=True)
class GroupedSplit(ShareSplit):
    """Hold out whole groups, with the frequencies of the strata kept as well as groups allow.

    Groups are dealt out one by one, the largest first and equal ones by chance, each to the part
    that lacks most of what the group has. A missing group is a group of its own row, and groups
    that have copies of one row in common are one. The model does not see the column: a group that
    is held out would tell it nothing.

    Args:
        group: the column that names the group.
        val: share of the rows used for validation.
        test: share of the rows held out for testing.
        seed: makes the split repeatable.
        near_duplicates: whether rows that are all but copies stay in one part, as exact copies do.

    Raises:
        UserError: the shares leave nothing to train on, or are negative.
    """

    group: str
    val: float = 0.15
    test: float = 0.15
    seed: int = 0
    near_duplicates: bool = False

    @property
    def leave_out(self) -> list[str]:
        """The column that a model must not see."""
        return [self.group]

    def __call__(self, undivided: Undivided) -> Split:
        """Divide rows by their groups and strata.

        Raises:
            UserError: there is no such column, too few groups, or one that fits into no part.
        """
        units = joined(groups_of(undivided, self.group), undivided.together)
        settled = following(undivided, units, "groups or copies")
        shares = (1 - self.val - self.test, self.val, self.test)
        if (settled == NOWHERE).all():
            _refuse_few_groups(self.group, units, sum(share > 0 for share in shares))
            refuse_large_groups(undivided, self.group, units, max(shares))
        chance = draws(undivided.keys, self.seed)
        parts = deal_units(units, undivided.kinds, chance, np.array(shares), settled)
        self._tell(undivided, parts, shares)
        return undivided.split(parts)

    def _tell(self, undivided: Undivided, parts: Parts, shares: tuple[float, ...]) -> None:
        got = np.bincount(parts, minlength=3) / len(parts)
        off = int(np.abs(got - shares).argmax())
        if abs(got[off] - shares[off]) > OFF:
            undivided.notes.append(
                f"groups of '{self.group}' are too large for the shares: {PARTS[off]} has "
                f"{got[off]:.0%} of the rows rather than {shares[off]:.0%}"
            )


def _refuse_few_groups(group: str, units: Rows, wanted: int) -> None:
    found = len(np.unique(units))
    if found < wanted:
        raise UserError(
            f"--data.split.group: '{group}' names {found} groups, too few for {wanted} parts that "
            f"each hold whole groups."
        )


def refuse_large_groups(undivided: Undivided, group: str, units: Rows, most: float) -> None:
    """Raise UserError where a group is larger than any part may be.

    Args:
        undivided: the rows.
        group: the column that names the group.
        units: (M,) rows with equal numbers stay together.
        most: the share of the rows that the largest part has.
    """
    unit, rows_of = numbered(units)
    largest = int(rows_of.max(initial=0))
    if most < 1 and largest > most * len(units) + 1:
        first = undivided.rows[unit == rows_of.argmax()][0]
        raise UserError(
            f"--data.split.group: the group '{undivided.frame[group][int(first)]}' of '{group}' "
            f"has {largest} of {len(units)} rows, more than the largest part of the split may hold "
            f"({round(most * len(units))}): hold out less, or split by another column."
        )
