"""Cross-validation: each fold is held out once, and the others are trained on."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Self

import numpy as np

from datamodules.errors import UserError
from datamodules.row_hashes import Hashes, draws
from datamodules.splits.dealing import first_draws, numbered
from datamodules.splits.shares import check_validation_share
from datamodules.splits.split import NOWHERE, TEST, TRAIN, VAL, Rows, Split
from datamodules.splits.splitter import Parts, Undivided
from datamodules.splits.units import following


class Folds(ABC):
    """What all folds have in common.

    ``fold`` says which one is held out as the test, from 0. Validation rows come out of the others.

    Attributes:
        folds: how many there are.
        fold: the number of the one that is held out.
        val: share of the other rows used for validation.
    """

    folds: int
    fold: int
    val: float

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise UserError(
                f"--data.split.folds: {self.folds} is too few: one fold is held out and the others "
                f"are trained on, so it takes 2 at least; 5 is usual."
            )
        if not 0 <= self.fold < self.count:
            raise UserError(
                f"--data.split.fold: there is no fold {self.fold}: they count from 0 to "
                f"{self.count - 1}."
            )
        check_validation_share(self.val)

    @property
    def count(self) -> int:
        """How many splits these folds make."""
        return self.folds

    @property
    def leave_out(self) -> list[str]:
        """Columns that a model must not see."""
        return []

    def each(self) -> list[Self]:
        """Return one splitter for each fold that is held out in turn."""
        return [replace(self, fold=number) for number in range(self.count)]  # type: ignore[type-var]

    @abstractmethod
    def __call__(self, undivided: Undivided) -> Split:
        """Hold out one fold."""


class DealtFolds(Folds, ABC):
    """Folds that rows, or sets of them, are dealt out to by chance.

    Attributes:
        seed: makes the folds repeatable.
        near_duplicates: whether rows that are all but copies stay in one part, as exact copies do.
    """

    seed: int
    near_duplicates: bool

    @abstractmethod
    def units(self, undivided: Undivided) -> Rows:
        """Return the number of each row's set, which no fold cuts: (M,)."""

    @abstractmethod
    def dealt(self, undivided: Undivided, units: Rows, chance: Hashes) -> Parts:
        """Return the fold of each row: (M,), 0 to folds - 1."""

    @abstractmethod
    def validation(self, undivided: Undivided, units: Rows, chance: Hashes) -> Parts:
        """Return 1 for each row of validation and 0 for others: (M,)."""

    @property
    def repeat(self) -> int:
        """Which of several dealings it is."""
        return self.fold // self.folds

    def __call__(self, undivided: Undivided) -> Split:
        """Hold out one fold; rows that are settled keep their part.

        Raises:
            UserError: there are fewer rows, or groups, than folds.
        """
        units = self.units(undivided)
        self._check(undivided, units)
        settled = following(undivided, units, self.called)
        chance = draws(undivided.keys, self.seed, self.repeat)
        held = self.fold % self.folds
        if (settled == NOWHERE).all():
            test = self.dealt(undivided, units, chance) == held
        else:
            test = np.where(settled == NOWHERE, _by_lot(units, chance, self.folds) == held, False)
            test |= settled == TEST
        parts = np.where(test, TEST, settled)
        rest = np.flatnonzero(~test)
        others = undivided.only(rest, np.where(settled == VAL, 1, settled)[rest])
        again = draws(others.keys, self.seed, self.repeat, VAL)
        parts[rest] = np.where(self.validation(others, units[rest], again) == 1, VAL, TRAIN)
        return undivided.split(parts.astype(np.int16))

    @property
    def called(self) -> str:
        """What sets of rows are called that stay together."""
        return "copies"

    def _check(self, undivided: Undivided, units: Rows) -> None:
        found = len(np.unique(units))
        if found < self.folds:
            what = "rows that differ" if self.called == "copies" else "groups"
            raise UserError(
                f"--data.split.folds: {self.folds} folds are more than the {found} {what} of "
                f"'{undivided.records.origin}': try --data.split.folds {max(2, min(5, found))}."
            )


def _by_lot(units: Rows, chance: Hashes, folds: int) -> Rows:
    """Return the fold of each row, (M,), by its set alone: the same in the split of each fold."""
    unit, sizes = numbered(units)
    first = first_draws(unit, len(sizes), chance)
    lots: Rows = (first % np.uint64(folds)).astype(np.int64)[unit]
    return lots
