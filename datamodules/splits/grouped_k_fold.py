"""Folds of whole groups."""

from dataclasses import dataclass

import numpy as np

from datamodules.row_hashes import Hashes
from datamodules.splits.dealing_units import deal_units
from datamodules.splits.folds import DealtFolds
from datamodules.splits.grouped import refuse_large_groups
from datamodules.splits.split import NOWHERE, Rows
from datamodules.splits.splitter import Parts, Undivided
from datamodules.splits.units import groups_of, joined


@dataclass(frozen=True)
class GroupedKFold(DealtFolds):
    """Cross-validate over folds of whole groups, with classes as frequent as groups allow.

    A missing group is a group of its own row, and groups that have copies of one row in common are
    one. The model does not see the column.

    Args:
        group: the column that names the group.
        folds: how many there are.
        fold: the one that is held out as the test, from 0.
        val: share of the other rows used for validation, in whole groups too.
        seed: makes the folds repeatable.
        near_duplicates: whether rows that are all but copies stay in one part, as exact copies do.

    Raises:
        UserError: there are fewer than two folds, or none of that number.
    """

    group: str
    folds: int = 5
    fold: int = 0
    val: float = 0.15
    seed: int = 0
    near_duplicates: bool = False

    @property
    def leave_out(self) -> list[str]:
        """The column that a model must not see."""
        return [self.group]

    @property
    def called(self) -> str:
        """What sets of rows are called that stay together."""
        return "groups or copies"

    def units(self, undivided: Undivided) -> Rows:
        """Return the number of each row's group: (M,)."""
        return joined(groups_of(undivided, self.group), undivided.together)

    def dealt(self, undivided: Undivided, units: Rows, chance: Hashes) -> Parts:
        """Return the fold of each row: (M,)."""
        refuse_large_groups(undivided, self.group, units, 1 - 1 / self.folds)
        shares = np.full(self.folds, 1 / self.folds)
        nowhere = np.full(len(units), NOWHERE, dtype=np.int16)
        return deal_units(units, undivided.kinds, chance, shares, nowhere)

    def validation(self, undivided: Undivided, units: Rows, chance: Hashes) -> Parts:
        """Return 1 for each row of validation and 0 for others: (M,)."""
        shares = np.array([1 - self.val, self.val])
        return deal_units(units, undivided.kinds, chance, shares, undivided.settled)
