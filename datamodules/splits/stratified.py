"""Fixed shares, with the target's frequencies kept."""

from dataclasses import dataclass

import numpy as np

from datamodules.errors import UserError
from datamodules.splits.split import Rows, Split

FEWEST = 3
"""A stratum with fewer rows cannot be in all three parts."""


@dataclass(frozen=True)
class StratifiedSplit:
    """Hold out fixed shares of the rows with the frequencies of the strata kept.

    Rows are put in a random order within their stratum and then picked at regular steps
    (systematic sampling), so every part has its share of all rows, and of each stratum, to within
    one row. A stratum of fewer than three rows is left in the training part whole.

    Args:
        val: share of the rows used for validation.
        test: share of the rows held out for testing.
        seed: makes the split repeatable.

    Raises:
        UserError: if the shares leave nothing to train on, or are negative.
    """

    val: float = 0.15
    test: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        if self.val < 0 or self.test < 0 or self.val + self.test >= 1:
            raise UserError(
                f"The shares of a split must not be negative and must leave rows to train on, got "
                f"val {self.val} and test {self.test}: try --data.split.val 0.15 "
                f"--data.split.test 0.15."
            )

    def __call__(self, rows: Rows, strata: Rows) -> Split:
        """Divide ``rows``, (M,), by their ``strata``, (M,)."""
        order = np.lexsort((np.random.default_rng(self.seed).random(len(rows)), strata))
        _, stratum, sizes = np.unique(strata, return_inverse=True, return_counts=True)
        order = order[sizes[stratum[order]] >= FEWEST]
        tested = _every(self.test, len(order))
        rest = order[~tested]
        validated = _every(self.val / (1 - self.test), len(rest))
        test, val = np.sort(rows[order[tested]]), np.sort(rows[rest[validated]])
        return Split(np.setdiff1d(rows, np.concatenate([val, test])), val, test)


def _every(share: float, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Mark ``share`` of ``count`` places, evenly spaced."""
    steps = np.floor(np.arange(count + 1) * share + 0.5)
    picked: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.diff(steps).astype(bool)
    return picked
