"""Which rows a test measures, known by what they hold."""

import hashlib
from typing import NamedTuple

import numpy as np

from datamodules.fingerprint import DIGITS, fingerprint
from datamodules.records import Records
from datamodules.row_hashes import row_hashes
from datamodules.splits.split import Rows


class Examined(NamedTuple):
    """The rows of a test.

    Attributes:
        data: fingerprint of all rows of the source.
        test_set: fingerprint of the rows that are measured, by content: the same in another order,
            in another file, under other names of images.
        rows: how many there are.
    """

    data: str
    test_set: str
    rows: int


def examine(records: Records, rows: Rows, data: str | None = None) -> Examined:
    """Return which rows are measured.

    Args:
        records: every row of the source.
        rows: (M,) row numbers of those that are measured.
        data: the fingerprint of the source, where it is known.
    """
    taken = records.take(rows, pixels=records.digests is None)
    return Examined(data or fingerprint(records), contents(taken), len(rows))


def contents(records: Records) -> str:
    """Return sixteen hexadecimal digits of the rows' values, whatever their order and their names.

    Columns may stand in any order too.
    """
    columns = [name for name in records.frame.columns if name != records.names]
    hashes = np.sort(row_hashes(records, columns))
    return hashlib.sha256(hashes.astype("<u8").tobytes()).hexdigest()[:DIGITS]
