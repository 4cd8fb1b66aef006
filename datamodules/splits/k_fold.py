"""Folds of single rows."""

from dataclasses import dataclass

import numpy as np

from datamodules.errors import UserError
from datamodules.row_hashes import Hashes
from datamodules.splits.dealing import deal, numbered, wanted_by_folds
from datamodules.splits.dealing_shares import deal_shares
from datamodules.splits.dealing_units import deal_units
from datamodules.splits.folds import DealtFolds
from datamodules.splits.split import NOWHERE, Rows
from datamodules.splits.splitter import Parts, Undivided, without_strata


@dataclass(frozen=True)
class KFold(DealtFolds):
    """Cross-validate over folds of equal size, whatever the target is.

    Args:
        folds: how many there are.
        fold: the one that is held out as the test, from 0.
        val: share of the other rows used for validation.
        seed: makes the folds repeatable.
        near_duplicates: whether rows that are all but copies stay in one part, as exact copies do.

    Raises:
        UserError: there are fewer than two folds, or none of that number.
    """

    folds: int = 5
    fold: int = 0
    val: float = 0.15
    seed: int = 0
    near_duplicates: bool = False

    def kept(self, undivided: Undivided) -> Undivided:
        """Return the rows with what is to be as frequent in each fold."""
        return without_strata(undivided)

    def units(self, undivided: Undivided) -> Rows:
        """Return the number of each row's copies: (M,)."""
        return undivided.together

    def dealt(self, undivided: Undivided, units: Rows, chance: Hashes) -> Parts:
        """Return the fold of each row: (M,)."""
        nowhere = np.full(len(undivided), NOWHERE, dtype=np.int16)
        kept = self.kept(undivided)
        if kept.labels is not None:
            shares = np.full(self.folds, 1 / self.folds)
            return deal_units(units, kept.kinds, chance, shares, nowhere)
        strata, sizes = numbered(kept.strata)
        return deal(strata, units, chance, wanted_by_folds(sizes, self.folds), nowhere)

    def validation(self, undivided: Undivided, units: Rows, chance: Hashes) -> Parts:
        """Return 1 for each row of validation and 0 for others: (M,)."""
        kept = self.kept(undivided)
        return deal_shares(kept, chance, (self.val,), undivided.settled, least=2)


@dataclass(frozen=True)
class StratifiedKFold(KFold):
    """Cross-validate over folds of equal size in which classes are as frequent as in all rows.

    Each stratum, a class or the tenth of the range in which a number lies, has as many rows in each
    fold, to within one.
    """

    def kept(self, undivided: Undivided) -> Undivided:
        """Return the rows with the strata of the target."""
        return undivided

    def dealt(self, undivided: Undivided, units: Rows, chance: Hashes) -> Parts:
        """Return the fold of each row: (M,).

        Raises:
            UserError: a class has one row.
        """
        _refuse_small_classes(undivided, self.folds)
        return super().dealt(undivided, units, chance)


@dataclass(frozen=True)
class RepeatedKFold(StratifiedKFold):
    """Cross-validate several times over, each time with folds dealt anew; classes as frequent.

    Fold ``repeat * folds + k`` is fold k of a repeat.

    Args:
        folds: how many there are in a repeat.
        fold: the one that is held out as the test, from 0 to ``folds * repeats - 1``.
        val: share of the other rows used for validation.
        seed: makes the folds repeatable.
        near_duplicates: whether rows that are all but copies stay in one part, as exact copies do.
        repeats: how often the folds are dealt.

    Raises:
        UserError: there are fewer than two folds, no repeat, or no fold of that number.
    """

    folds: int = 5
    fold: int = 0
    val: float = 0.15
    seed: int = 0
    near_duplicates: bool = False
    repeats: int = 3

    def __post_init__(self) -> None:
        if self.repeats < 1:
            raise UserError(
                f"--data.split.repeats: {self.repeats} is too few: it takes 1 at least, and 3 is "
                f"usual."
            )
        super().__post_init__()

    @property
    def count(self) -> int:
        """How many splits these folds make."""
        return self.folds * self.repeats


def _refuse_small_classes(undivided: Undivided, folds: int) -> None:
    """Raise UserError where a class has one row, which is either trained on or tested."""
    if undivided.classes is None:
        return
    names, sizes = np.unique(undivided.strata, return_counts=True)
    fewest = int(sizes.min(initial=folds))
    if 1 < fewest < folds:
        undivided.notes.append(
            f"the class '{undivided.classes[names[sizes.argmin()]]}' has {fewest} rows, so not "
            f"every one of {folds} folds has one"
        )
    if len(names) and sizes.min() == 1:
        raise UserError(
            f"--data.split: the class '{undivided.classes[names[sizes.argmin()]]}' has one row, "
            f"which cannot be both trained on and held out in one of {folds} folds: bring more "
            f"rows of it, leave it out, or use KFold, which does not look at classes."
        )
