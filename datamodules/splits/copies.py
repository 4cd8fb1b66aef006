"""Which rows are copies of one another, so that a split must not part them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.cleaning.copies import are_by_nature
from datamodules.records import Records
from datamodules.row_hashes import Hashes
from datamodules.splits.dealing import numbered
from datamodules.splits.split import NOWHERE, Rows
from datamodules.splits.splitter import Parts
from datamodules.splits.units import joined, parts_of_units

MOST = 50
"""Rows of one cluster of near-duplicates; a larger one would be a chain or a kind of its own."""


@dataclass(frozen=True)
class Copies:
    """Rows that are copies of one another.

    Attributes:
        together: (M,) rows with equal numbers are copies.
        exact: how many rows equal an earlier one.
        by_nature: whether equal rows are what the table has, so that they are no copies.
        near: how many rows are nearly an earlier one; ``None`` where it was not asked.
    """

    together: Rows
    exact: int
    by_nature: bool
    near: int | None = None

    def as_plain(self) -> dict[str, Any]:
        """Return what was merged, for ``data.json``."""
        clusters = np.unique(self.together, return_counts=True)[1]
        return {
            "equal_rows": self.exact,
            "equal_by_nature": self.by_nature,
            "near_duplicates": self.near,
            "merged_clusters": int((clusters > 1).sum()),
            "merged_rows": int(clusters[clusters > 1].sum()),
        }

    def notes(self, parts: Parts) -> list[str]:
        """Return what is worth telling.

        Args:
            parts: (M,) the part of each row, -1 where it has none.
        """
        if self.exact and self.by_nature:
            return [
                f"{self.exact} of {len(self.together)} rows equal another, so many and of so few "
                f"values that they are no copies: the split may part them"
            ]
        torn = _torn(self.together, parts)
        if torn:
            return [
                f"{torn} rows have the inputs of a row in another part, since the split says where "
                f"each row belongs: `cleaning: [Duplicates]` keeps the first of each"
            ]
        told = []
        if self.exact:
            told.append(
                f"{self.exact} rows are kept in one part with an earlier one that has the same "
                f"inputs"
            )
        if self.near:
            told.append(f"{self.near} near-duplicates are kept in one part with what they resemble")
        return told


def _torn(together: Rows, parts: Parts) -> int:
    """Return how many rows have a copy in another part."""
    unit, sizes = numbered(together)
    cut: NDArray[np.bool_] = parts_of_units(unit, parts, len(sizes)).sum(axis=1) > 1
    return int((cut[unit] & (parts != NOWHERE)).sum())


def find_copies(
    records: Records, rows: Rows, inputs: list[str], hashes: Hashes, *, near: bool = False
) -> Copies:
    """Find the rows whose inputs are equal, and those that nearly are where that is asked.

    Args:
        records: every row of the source.
        rows: (M,) the numbers of the rows.
        inputs: the columns that a model sees, beside images.
        hashes: (M,) of the inputs of each row.
        near: whether near-duplicates are looked for.
    """
    together = np.unique(hashes, return_inverse=True)[1].astype(np.int64)
    exact = len(rows) - int(together.max(initial=-1)) - 1
    by_nature = are_by_nature(records, rows, inputs, exact)
    if by_nature:
        together = np.arange(len(rows))
    if not near:
        return Copies(together, exact, by_nature)
    apart = int(together.max(initial=-1)) + 1
    together = joined(together, _clusters(records, rows, inputs))
    return Copies(together, exact, by_nature, apart - len(np.unique(together)))


def _clusters(records: Records, rows: Rows, inputs: list[str]) -> Rows:
    """Return the number of each row's cluster of near-duplicates: (M,)."""
    from datamodules.near_duplicates.finder import near_duplicates

    text = inputs[0] if len(inputs) == 1 and records.frame[inputs[0]].dtype == pl.String else None
    usable = records if len(rows) == len(records) else records.take(rows)
    return near_duplicates(usable, inputs, text).clusters(MOST)
