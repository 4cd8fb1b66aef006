"""What makes a split, and what it is given to divide."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.records import Records
from datamodules.row_hashes import Hashes, row_hashes, row_keys
from datamodules.splits.split import NOWHERE, PARTS, Rows, Split

Parts = NDArray[np.int16]
Kinds = tuple[Rows, Rows]
"""(K,) rows, by their place, and (K,) the kind that each is of; a row may be of several."""


@dataclass(frozen=True)
class Undivided:
    """M rows of a source that are to be divided.

    Attributes:
        records: every row of the source, N.
        rows: (M,) the numbers of the usable ones, ascending.
        strata: (M,) a whole number for each row: its class, or the bin of its number.
        together: (M,) rows with equal numbers are copies of one another and stay in one part.
        hashes: (N,) uint64, what each row is by its content.
        settled: (M,) int16, the part that a row has already and keeps; -1 where it has none.
        classes: the names of the strata, where they are classes.
        labels: (M, L) bool, which of several labels each row has.
        notes: what is worth telling, one sentence each; a splitter adds to it.
    """

    records: Records
    rows: Rows
    strata: Rows
    together: Rows
    hashes: Hashes
    settled: Parts
    classes: list[str] | None = None
    labels: NDArray[np.bool_] | None = None
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        records: Records,
        rows: Rows | None = None,
        strata: Rows | None = None,
        together: Rows | None = None,
        classes: list[str] | None = None,
    ) -> "Undivided":
        """Return rows of which none has a part yet; by default all, of one stratum, no copies."""
        rows = np.arange(len(records)) if rows is None else rows
        return cls(
            records,
            rows,
            np.zeros(len(rows), dtype=np.int64) if strata is None else strata,
            np.arange(len(rows)) if together is None else together,
            row_hashes(records),
            np.full(len(rows), NOWHERE, dtype=np.int16),
            classes,
        )

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def frame(self) -> pl.DataFrame:
        """Every row of the source, where ``rows`` lead."""
        return self.records.frame

    @cached_property
    def keys(self) -> Hashes:
        """(M,) uint64, a different one for each row: all chance is drawn from them."""
        return row_keys(self.hashes[self.rows])

    @property
    def kinds(self) -> Kinds:
        """What is to be as frequent in each part: strata, or labels and rows."""
        every = np.arange(len(self))
        if self.labels is None:
            return every, self.strata
        row, label = self.labels.nonzero()
        as_rows = np.full(len(self), self.labels.shape[1])
        return np.concatenate([row, every]), np.concatenate([label, as_rows])

    def only(self, places: Rows, settled: Parts) -> "Undivided":
        """Return some of the rows, with the parts that they have already.

        Args:
            places: (K,) where they stand among the M rows.
            settled: (K,) their parts, -1 where there is none.
        """
        return replace(
            self,
            rows=self.rows[places],
            strata=self.strata[places],
            together=self.together[places],
            labels=None if self.labels is None else self.labels[places],
            settled=settled,
        )

    def split(self, parts: Parts) -> Split:
        """Return the rows of each part: (M,) 0 training, 1 validation, 2 test, -1 in none."""
        return Split(*(self.rows[parts == place] for place in range(len(PARTS))))


class Splitter(Protocol):
    """Anything that divides rows."""

    @property
    def leave_out(self) -> list[str]:
        """Columns that a model must not see, such as the one that names the groups."""
        ...

    def __call__(self, undivided: Undivided) -> Split:
        """Divide rows; those that are settled keep their part.

        Args:
            undivided: the rows, and what is known of them.
        """
        ...


def without_strata(undivided: Undivided) -> Undivided:
    """Return rows that are all of one stratum."""
    return replace(undivided, strata=np.zeros(len(undivided), dtype=np.int64), labels=None)
