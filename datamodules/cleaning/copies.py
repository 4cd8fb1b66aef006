"""Which rows are exact copies of one another."""

import polars as pl

from datamodules.fingerprint import image_digests
from datamodules.records import Records
from datamodules.splits.split import Rows

ROW, PIXELS = "\x00row", "\x00pixels"
"""Names that no column of a user has."""
MANY = 0.1
"""The share of rows above which equal ones are the nature of a table."""


def input_columns(records: Records, target: list[str]) -> list[str]:
    """Return the columns that a model may see."""
    hidden = {*target, *records.leave_out, records.names}
    return [name for name in records.frame.columns if name not in hidden]


def copies(records: Records, rows: Rows, columns: list[str]) -> list[Rows]:
    """Return the groups of rows that are equal in all columns, and in their image if they have one.

    Args:
        records: every row of the source.
        rows: (M,) the row numbers that are compared.
        columns: what is compared.

    Returns:
        Each group of two rows or more as row numbers in ascending order, by their first rows.
    """
    values = [records.frame[name] for name in columns]
    if records.images is not None:
        values.append(_pixels(records))
    if not values:
        return []
    compared = pl.DataFrame(values)
    # few rows have a hash in common, and only these are compared value by value: a table of
    # millions of rows is never sorted, grouped or copied whole
    hashes = compared.hash_rows()
    hashes = hashes if len(rows) == len(records) else hashes[rows]
    alike = rows[hashes.is_duplicated().to_numpy()]
    candidates = compared[alike].with_columns(pl.Series(ROW, alike))
    groups = candidates.group_by(compared.columns, maintain_order=True).agg(ROW)[ROW]
    found = [group.to_numpy() for group in groups.filter(groups.list.len() > 1)]
    return sorted(found, key=lambda group: int(group[0]))


def advice(step: str, found: int, rows: int) -> str:
    """Say what a user can do about rows that a step only tells of."""
    if found > MANY * rows:
        return "so many are no mistakes, but what a table of few columns or values has"
    return f"`cleaning: [{step}]` leaves them out"


def _pixels(records: Records) -> pl.Series:
    assert records.images is not None
    digests = image_digests(records.images) if records.digests is None else records.digests
    kept = [digest.tobytes() for digest in digests.numpy()]
    return pl.Series(PIXELS, kept, dtype=pl.Binary)
