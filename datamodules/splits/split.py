"""What a split is, and what makes one."""

import hashlib
from typing import NamedTuple, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

Rows = NDArray[np.int64]


class Split(NamedTuple):
    """Three disjoint sets of row numbers, each in ascending order."""

    train: Rows
    val: Rows
    test: Rows

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change when any row changes its part."""
        digest = hashlib.sha256()
        for part in self:
            digest.update(part.astype("<i8").tobytes() + b"|")
        return digest.hexdigest()[:16]


class Splitter(Protocol):
    """Anything that divides rows."""

    @property
    def leave_out(self) -> list[str]:
        """Columns that a model must not see, such as the one that names the groups."""
        ...

    def __call__(self, rows: Rows, strata: Rows, frame: pl.DataFrame) -> Split:
        """Divide ``rows``.

        Args:
            rows: (M,) row numbers of the usable rows.
            strata: (M,) a whole number for each row: its class, or the bin of its number.
            frame: every row of the source, where the numbers lead.
        """
        ...
