"""Which columns of a table are numbers, which are categories, and which tell a model nothing."""

from dataclasses import dataclass, field

import polars as pl

FEW = 50
"""Text columns with at most so many values are categories, however short the table."""

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
        categorical: columns used as categories.
        left_out: columns not used, with the reason.
    """

    numeric: list[str] = field(default_factory=list)
    categorical: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def pick_column_types(frame: pl.DataFrame) -> ColumnTypes:
    """Decide by type and by how many values there are, from training rows alone."""
    types = ColumnTypes()
    for column in frame:
        if reason := _tells_nothing(column):
            types.left_out[column.name] = reason
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


def _tells_nothing(column: pl.Series) -> str | None:
    """Say why a column is of no use, or return ``None``."""
    kind = column.dtype
    if kind_of(kind) is None:
        return f"its values are of type {kind}"
    if kind.is_float():
        column = column.replace([float("inf"), float("-inf")], None).fill_nan(None)
    values = column.n_unique()
    own = kind in (pl.String, pl.Categorical, pl.Enum) and values > max(FEW, len(column) // 2)
    reasons = {
        "it is empty": column.null_count() == len(column),
        "it has one value": values == 1,
        "nearly every row has its own value": own,
        "it numbers the rows": kind.is_integer() and _counts_rows(column),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _counts_rows(column: pl.Series) -> bool:
    """Tell whether whole numbers are a running number, seen through a sample of its rows."""
    if len(column) < FEW or column.null_count() or column.n_unique() < len(column):
        return False
    lowest, highest = column.min(), column.max()
    assert isinstance(lowest, int)
    assert isinstance(highest, int)
    return highest - lowest < 2 * len(column)
