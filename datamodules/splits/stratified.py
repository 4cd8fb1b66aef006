"""Fixed shares, with the target's frequencies kept."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from datamodules.errors import UserError
from datamodules.row_hashes import draws
from datamodules.splits.dealing_shares import deal_shares
from datamodules.splits.shares import ShareSplit
from datamodules.splits.split import NOWHERE, Split
from datamodules.splits.splitter import Undivided
from datamodules.splits.units import following

Rare = Literal["refuse", "train"]


@dataclass(frozen=True)
class StratifiedSplit(ShareSplit):
    """Hold out fixed shares of the rows with the frequencies of the strata kept.

    Validation and test each have their share of every stratum to within one row, and of all rows
    to within half a row: what one stratum rounds off, the next makes up for. Which rows of a
    stratum is left to chance, which is drawn from what a row holds and not from where it stands.
    But every stratum keeps a row in the training part, and one of fewer than three rows stays
    there whole. Where rows have several labels, each label's frequency is kept.

    Args:
        val: share of the rows used for validation.
        test: share of the rows held out for testing.
        seed: makes the split repeatable.
        near_duplicates: whether rows that are all but copies stay in one part, as exact copies do.
        rare: whether a class of one row is refused, or kept for training alone.

    Raises:
        UserError: if the shares leave nothing to train on, or are negative.
    """

    val: float = 0.15
    test: float = 0.15
    seed: int = 0
    near_duplicates: bool = False
    rare: Rare = "refuse"

    def __call__(self, undivided: Undivided) -> Split:
        """Divide rows by their strata.

        Raises:
            UserError: a class has one row.
        """
        if self.val + self.test > 0 and self.rare == "refuse":
            refuse_lone_classes(undivided)
        settled = following(undivided, undivided.together, "copies")
        chance = draws(undivided.keys, self.seed)
        shares = (self.val, self.test)
        return undivided.split(deal_shares(undivided, chance, shares, settled))


def refuse_lone_classes(undivided: Undivided) -> None:
    """Raise UserError where a class has a single row, which cannot be trained on and tested."""
    if undivided.classes is None or (undivided.settled != NOWHERE).any():
        return
    strata, sizes = np.unique(undivided.strata, return_counts=True)
    lone = strata[sizes == 1]
    if len(lone):
        others = f" (and {len(lone) - 1} more)" if len(lone) > 1 else ""
        raise UserError(
            f"--data.split: the class '{undivided.classes[lone[0]]}'{others} has one row, which "
            f"cannot be both trained on and held out: bring more rows of it, leave it out, or keep "
            f"it for training alone with --data.split.rare train."
        )
