"""Which columns of a table are numbers, which are categories, and which tell a model nothing."""

import re
from dataclasses import dataclass, field

import polars as pl

from datamodules.features.moments import moment_kind

FEW = 50
"""Text columns with at most so many values are categories, however short the table."""

BY_CHANCE = 1e-4
"""A sample less likely than this is taken for no sample."""

_IDENTIFIER = re.compile(
    r"(?:^|[_ .-])(?i:id|idx|index|row|no|nr|num|number|key)$|[a-z](?:ID|Id|No|Nr)$"
)

CATEGORIES = "categories"
COUNTED: dict[type[pl.DataType], str] = {
    pl.Date: "dates",
    pl.Datetime: "dates",
    pl.Time: "times of day",
    pl.Duration: "spans of time",
}
"""What is used as numbers, in days."""


@dataclass
class ColumnTypes:
    """What became of each column.

    Attributes:
        numeric: columns used as numbers.
        dates: columns used as dates or times of day.
        categorical: columns used as categories.
        left_out: columns not used, with the reason.
    """

    numeric: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    categorical: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def pick_column_types(frame: pl.DataFrame) -> ColumnTypes:
    """Decide by type and by how many values there are, from training rows alone."""
    types = ColumnTypes()
    for column in frame:
        date = moment_kind(column)
        if reason := _tells_nothing(column, date is not None):
            types.left_out[column.name] = reason
        elif date:
            types.dates.append(column.name)
        elif kind_of(column.dtype) == CATEGORIES:
            types.categorical.append(column.name)
        else:
            types.numeric.append(column.name)
    return types


def kind_of(dtype: pl.DataType) -> str | None:
    """Say what values of a type are, such as numbers or dates; ``None`` where a cell holds many."""
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        return None
    return "numbers" if dtype.is_numeric() else COUNTED.get(dtype.base_type(), CATEGORIES)


def _tells_nothing(column: pl.Series, date: bool) -> str | None:
    """Say why a column is of no use, or return ``None``."""
    kind = column.dtype
    if kind_of(kind) is None:
        return f"its values are of type {kind}"
    if kind.is_float():
        column = column.replace([float("inf"), float("-inf")], None).fill_nan(None)
    values = column.n_unique()
    text = kind in (pl.String, pl.Categorical, pl.Enum) and not date
    own = text and values > max(FEW, len(column) // 2)
    reasons = {
        "it is empty": column.null_count() == len(column),
        "it has one value": values == 1,
        f"it has {values} different values in {len(column)} rows": own,
        "it numbers the rows": kind.is_integer() and _counts_rows(column),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _counts_rows(column: pl.Series) -> bool:
    """Tell whether whole numbers are a running number, seen through a sample of its rows.

    It begins at 0 or 1, as near as the sample lets one see: years and amounts that happen to differ
    do not. Under the name of an identifier it may begin anywhere, if it rises from row to row.
    """
    if len(column) < FEW or column.null_count() or column.n_unique() < len(column):
        return False
    lowest, highest = column.min(), column.max()
    assert isinstance(lowest, int)
    assert isinstance(highest, int)
    numbers = highest - lowest + 1
    if numbers > 2 * len(column):
        return False
    # the chance that a sample of this share misses all numbers below the lowest it has
    missed = (1 - min(len(column) / numbers, 1 - 1e-9)) ** max(0, lowest - 1)
    from_start = lowest >= 0 and missed >= BY_CHANCE
    return from_start or (_IDENTIFIER.search(column.name) is not None and column.is_sorted())
