"""Fixed shares, with the target's frequencies kept."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from datamodules.splits.shares import check_shares
from datamodules.splits.split import Rows, Split

FEWEST = 3
"""A stratum with fewer rows cannot be in all three parts."""


@dataclass(frozen=True)
class StratifiedSplit:
    """Hold out fixed shares of the rows with the frequencies of the strata kept.

    Validation and test each have their share of every stratum to within one row, and of all rows
    to within half a row: what one stratum rounds off, the next makes up for. Which rows of a
    stratum is left to chance. But every stratum keeps a row in the training part, and one of fewer
    than three rows stays there whole.

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
        check_shares(self.val, self.test)

    @property
    def leave_out(self) -> list[str]:
        """No column need be hidden from a model."""
        return []

    def __call__(self, rows: Rows, strata: Rows, frame: pl.DataFrame) -> Split:
        """Divide ``rows``, (M,), by their ``strata``, (M,)."""
        order = np.lexsort((np.random.default_rng(self.seed).random(len(rows)), strata))
        sizes = np.unique(strata, return_counts=True)[1]
        part = np.zeros(len(rows), dtype=np.int8)  # 0 training, 1 validation, 2 test
        due_val = due_test = 0.0
        for members in np.split(order, sizes.cumsum()[:-1]):
            if len(members) < FEWEST:
                continue
            due_test += self.test * len(members)
            due_val += self.val * len(members)
            tested = min(round(due_test), len(members) - 1)
            validated = min(round(due_val), len(members) - 1 - tested)
            part[members[:tested]] = 2
            part[members[tested : tested + validated]] = 1
            due_test -= tested
            due_val -= validated
        return Split(*(np.sort(rows[part == place]) for place in range(3)))
