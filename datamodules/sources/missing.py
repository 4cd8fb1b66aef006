"""Which cells count as missing, and what type a column has without them."""

from collections.abc import Collection

import polars as pl

MARKS = ["", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "?", r"\N"]
"""Missing in every column, spelt exactly so; white space around a cell is cut off first."""

NUMERIC_MARKS = [
    "-", "--", ".", "..", "none", "na", "n.a.", "n/a", "nan", "-nan", "null", "(null)", "nil",
    "missing", "unknown", "#div/0!", "#value!", "#ref!", "#num!", "#name?", "1.#qnan", "-1.#ind",
]  # fmt: skip
"""Missing only where all other cells are numbers, capitals or not: among words, ``none`` may be a
category."""


def without_marks(
    frame: pl.DataFrame, decimal_comma: bool = False, as_text: Collection[str] = ()
) -> pl.DataFrame:
    """Return the frame with marks as nulls, and columns of digits and marks as numbers.

    Whole numbers become Int64, others Float64.

    Args:
        frame: cells as read; columns that are not strings stay as they are.
        decimal_comma: whether ``1,5`` is a number.
        as_text: columns that stay as they are.
    """
    strings = [c for c in frame if c.dtype == pl.String and c.name not in as_text]
    return frame.with_columns([_column(column, decimal_comma) for column in strings])


def without_marks_in(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the frame with marks of a column of text as nulls; other cells stay as written.

    Args:
        frame: with or without the column.
        name: of the column.
    """
    if name not in frame.columns or frame[name].dtype != pl.String:
        return frame
    marked = frame[name].str.strip_chars().is_in(MARKS)
    return frame.with_columns(frame[name].set(marked, None))


def plain_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with few types: NaN as null, categories as strings, wide numbers as floats.

    A column without a single value counts as strings.
    """
    casts: dict[type[pl.DataType], type[pl.DataType]] = {
        pl.Categorical: pl.String,
        pl.Enum: pl.String,
        pl.Null: pl.String,
        pl.Decimal: pl.Float64,
        pl.Int128: pl.Float64,  # numpy and torch have no integer of this width
    }
    columns = [
        column.cast(casts[column.dtype.base_type()])
        if column.dtype.base_type() in casts
        else column.fill_nan(None)
        if column.dtype.is_float()
        else column
        for column in frame
    ]
    return frame.with_columns(columns)


def _column(column: pl.Series, decimal_comma: bool) -> pl.Series:
    stripped = column.str.strip_chars()
    known = stripped.set(stripped.is_in(MARKS), None)
    digits = known.set(known.str.to_lowercase().is_in(NUMERIC_MARKS), None)
    if decimal_comma:
        digits = digits.str.replace(r"^([+-]?\d+),(\d+)$", "$1.$2")
    number = _number(digits)
    return known if number is None else number


def _number(digits: pl.Series) -> pl.Series | None:
    """Return the column as numbers, or ``None`` where a cell is not one or there is no cell."""
    if digits.null_count() == len(digits):
        return None
    for dtype in (pl.Int64, pl.Float64):
        number = digits.cast(dtype, strict=False)
        if number.null_count() == digits.null_count():
            return number
    return None
