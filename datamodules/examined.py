"""Which rows a test measures, known by what they hold."""

from dataclasses import replace
from typing import NamedTuple

import polars as pl

from datamodules.fingerprint import digests_of, fingerprint
from datamodules.records import Records
from datamodules.splits.split import Rows

DIGESTS = "digest of the image"


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
    frame = records.frame
    if records.images is not None:
        digests = digests_of(records, records.images).numpy()
        images = pl.Series(DIGESTS, [digest.tobytes().hex() for digest in digests])
        frame = frame.drop([records.names] if records.names else []).with_columns(images)
    frame = pl.DataFrame([_sortable(frame[name]) for name in sorted(frame.columns)])
    frame = frame.sort(frame.columns, nulls_last=True) if frame.columns else frame
    return fingerprint(replace(records, frame=frame, images=None, digests=None))


def _sortable(column: pl.Series) -> pl.Series:
    """Return values that have an order, and one that does not depend on how they are kept."""
    if column.dtype.is_numeric():
        return column.cast(pl.Float64)
    if column.dtype.is_temporal() or column.dtype in (pl.String, pl.Boolean):
        return column
    return pl.Series(column.name, [str(value) for value in column.to_list()], pl.String)
