"""Fixed shares, by chance alone."""

from dataclasses import dataclass

from datamodules.row_hashes import draws
from datamodules.splits.dealing_shares import deal_shares
from datamodules.splits.shares import ShareSplit
from datamodules.splits.split import Split
from datamodules.splits.splitter import Undivided, without_strata
from datamodules.splits.units import following


@dataclass(frozen=True)
class RandomSplit(ShareSplit):
    """Hold out fixed shares of the rows by chance, whatever their target is.

    Args:
        val: share of the rows used for validation.
        test: share of the rows held out for testing.
        seed: makes the split repeatable.
        near_duplicates: whether rows that are all but copies stay in one part, as exact copies do.

    Raises:
        UserError: the shares leave nothing to train on, or are negative.
    """

    val: float = 0.15
    test: float = 0.15
    seed: int = 0
    near_duplicates: bool = False

    def __call__(self, undivided: Undivided) -> Split:
        """Divide rows."""
        settled = following(undivided, undivided.together, "copies")
        chance = draws(undivided.keys, self.seed)
        rows, shares = without_strata(undivided), (self.val, self.test)
        return undivided.split(deal_shares(rows, chance, shares, settled))
