"""Which rows a test measures, known by what they hold."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from datamodules.fingerprint import DIGITS, fingerprint
from datamodules.records import Records
from datamodules.row_hashes import row_hashes
from datamodules.splits.split import Rows

SAMPLE = 64
"""Rows by which nearly equal test sets are known again."""


@dataclass(frozen=True)
class Examined:
    """The rows of a test.

    Attributes:
        data: fingerprint of all rows of the source.
        test_set: fingerprint of the rows that are measured, by content: the same in another order,
            in another file, under other names of images.
        rows: how many there are.
        records: these rows; ``None`` where they are not at hand.
    """

    data: str
    test_set: str
    rows: int
    records: Records | None = field(default=None, repr=False, compare=False)

    @property
    def columns(self) -> list[str]:
        """The columns that make up a row."""
        return [] if self.records is None else _columns(self.records)

    def sample(self, columns: Sequence[str]) -> list[str]:
        """Return the smallest hashes of rows, a sample that is the same for equal rows.

        Two sets of rows have as large a share of their smallest hashes in common as of their rows
        (Broder 1997, 'On the resemblance and containment of documents').

        Args:
            columns: what is looked at of each row.
        """
        if self.records is None or any(c not in self.records.frame.columns for c in columns):
            return []
        different = np.unique(row_hashes(self.records, columns))
        return [f"{each:016x}" for each in different[:SAMPLE].tolist()]


def examine(records: Records, rows: Rows, data: str | None = None) -> Examined:
    """Return which rows are measured.

    Args:
        records: every row of the source.
        rows: (M,) row numbers of those that are measured.
        data: the fingerprint of the source, where it is known.
    """
    taken = records.take(rows, pixels=records.digests is None)
    return Examined(data or fingerprint(records), contents(taken), len(rows), taken)


def contents(records: Records) -> str:
    """Return sixteen hexadecimal digits of the rows' values, whatever their order and their names.

    Columns may stand in any order too.
    """
    hashes = np.sort(row_hashes(records, _columns(records)))
    return hashlib.sha256(hashes.astype("<u8").tobytes()).hexdigest()[:DIGITS]


def _columns(records: Records) -> list[str]:
    return [name for name in records.frame.columns if name != records.names]
