"""Which columns of a table are numbers, which are categories, and which tell a model nothing."""

from dataclasses import dataclass, field

import polars as pl

FEW = 50
"""Text columns with at most so many values are categories, however short the table."""


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
        elif column.dtype.is_numeric() or column.dtype.is_temporal():
            types.numeric.append(column.name)
        else:
            types.categorical.append(column.name)
    return types


def _tells_nothing(column: pl.Series) -> str | None:
    """Say why a column is of no use, or return ``None``."""
    kind = column.dtype
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        return f"its values are of type {kind}"
    if kind.is_float():
        column = column.replace([float("inf"), float("-inf")], None).fill_nan(None)
    values = column.n_unique()
    own = kind == pl.String and values > max(FEW, len(column) // 2)
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
    lowest, highest = column.cast(pl.Int64).min(), column.cast(pl.Int64).max()
    assert isinstance(lowest, int)
    assert isinstance(highest, int)
    return highest - lowest < 2 * len(column)
