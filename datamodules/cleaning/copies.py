"""Which rows are exact copies of one another."""

import math

import polars as pl

from datamodules.fingerprint import digests_of
from datamodules.records import Records
from datamodules.splits.split import Rows

ROW, PIXELS = "\x00row", "\x00pixels"
"""Names that no column of a user has."""
MANY = 0.1
"""The share of rows above which equal ones are the nature of a table."""
RARELY = 0.01
"""Equal pairs by chance alone, of the equal rows that there are, which show that values are few."""
FEW = 0.05
"""Different values of a column, of the different rows: with as many, rows do not meet by chance."""
COARSE = 100
"""The same as a number: a column of so many is one of dates or prices."""

WORDS = 3
"""Words of a category's name at most, on average."""


def input_columns(records: Records, target: list[str]) -> list[str]:
    """Return the columns that a model may see."""
    hidden = {*target, *records.leave_out, records.names}
    return [name for name in records.frame.columns if name not in hidden]


def compared(records: Records, columns: list[str]) -> list[str]:
    """Return the columns by which rows are copies: not those that only name them, if others do not.

    Args:
        records: every row of the source.
        columns: that a model may see, or the target.
    """
    if records.images is not None:
        return columns
    return [name for name in columns if name not in records.row_names] or columns


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
        digests = digests_of(records, records.images).numpy()
        values.append(pl.Series(PIXELS, [digest.tobytes() for digest in digests], dtype=pl.Binary))
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


def are_by_nature(records: Records, rows: Rows, columns: list[str], found: int) -> bool:
    """Tell whether equal rows are what a coarse table has, and no copies of one another.

    That takes many of them, and values so few that rows meet by chance: where columns were drawn
    each for itself, or where no column has many values. How often a column repeats itself is
    counted among different rows, so that copies do not speak for themselves; a lone column repeats
    itself where it has half as many values as rows. Images and texts never meet by chance.

    Args:
        records: every row of the source.
        rows: (M,) the row numbers that were compared.
        columns: what was compared.
        found: how many of the rows equal an earlier one.
    """
    if records.images is not None or found <= MANY * len(rows):
        return False
    compared = records.frame[rows].select(columns)
    if len(columns) == 1:
        return len(rows) < 2 * found and not _is_text(compared[columns[0]])
    different = compared.filter(compared.hash_rows().is_first_distinct())
    counts = [column.value_counts()["count"].to_numpy() for column in different]
    others = max(1, len(different) - 1)
    chance = [float((each / len(different) * ((each - 1) / others)).sum()) for each in counts]
    pairs = math.prod(chance) * len(rows) ** 2 / 2
    most = max(map(len, counts), default=0)
    return pairs > RARELY * found or most < min(COARSE, FEW * (len(rows) - found))


def _is_text(column: pl.Series) -> bool:
    """Tell whether a column holds sentences and no names of categories."""
    if column.dtype != pl.String:
        return False
    words = column.str.count_matches(r"\S+").mean()
    return isinstance(words, float) and words > WORDS


def advice(step: str, *, by_nature: bool) -> str:
    """Say what a user can do about rows that a step only tells of.

    Args:
        step: its name.
        by_nature: whether equal rows are what the table has.
    """
    if by_nature:
        return "so many are no mistakes, but what a table of few columns or values has"
    return f"`cleaning: [{step}]` leaves them out"
