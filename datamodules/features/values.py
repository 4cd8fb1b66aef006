"""The values of a column as numbers or as text, alike whatever type a file gave them."""

import numpy as np
import polars as pl

from datamodules.errors import UserError
from datamodules.features.column_types import kind_of
from datamodules.features.steps.step import FARTHEST, Floats

DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
"""Ticks of each unit of time in a day."""

TRUTH = {"true": "1", "false": "0"}
"""How a file may spell truth values, and as which numbers they count."""


def as_numbers(column: pl.Series) -> Floats:
    """Return a column as (N,) floats; missing and infinite ones as NaN, dates as days.

    Numbers beyond 1e307 count as 1e307.

    Truth values are 0 and 1, whether a file has them as such or in words.
    """
    if column.dtype == pl.String:
        spelt = column.str.strip_chars()
        column = spelt.str.to_lowercase().replace(TRUTH).cast(pl.Float64, strict=False)
    if column.dtype.is_temporal():
        ticks = column.to_physical().cast(pl.Float64).to_numpy()
        # a time of day is kept in ns
        day = 1 if column.dtype == pl.Date else DAY[getattr(column.dtype, "time_unit", "ns")]
        return np.asarray(ticks / day)
    values = column.cast(pl.Float64).to_numpy()
    far = (values > FARTHEST) | (values < -FARTHEST)
    if not far.any():
        return np.asarray(values)
    return np.where(np.isinf(values), np.nan, values.clip(-FARTHEST, FARTHEST))


def no_numbers(values: pl.Series, truth: bool = True) -> pl.Series:
    """Return the values, none missing, that are no numbers.

    Truth values pass as the numbers 0 and 1, and so does text that spells numbers.

    Args:
        values: without gaps.
        truth: whether truth values in words pass too.
    """
    kind = kind_of(values.dtype)
    if kind == "numbers" or values.dtype == pl.Boolean:
        return values.clear()
    if values.dtype != pl.String:
        return values
    spelt = values.str.strip_chars().str.to_lowercase()
    read = (spelt.replace(TRUTH) if truth else spelt).cast(pl.Float64, strict=False)
    return values.filter(read.is_null() & (spelt != ""))


def as_text(column: pl.Series) -> pl.Series:
    """Return the values as text, so that the '3' of one file is the 3.0 of another.

    White space around a value does not count; blank and infinite values are missing.
    """
    if column.dtype.is_float():
        finite = column.set(~column.is_finite(), None)
        return finite.cast(pl.String).str.strip_suffix(".0")
    text = column.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


def require_column(frame: pl.DataFrame, name: str, origin: str, asked_by: str) -> pl.Series:
    """Return a column that must hold one value a row.

    Raises:
        UserError: if its cells hold many values.
    """
    column = frame[name]
    if kind_of(column.dtype) is None and column.null_count() < len(column):
        raise UserError(
            f"{origin}: {asked_by} cannot be made of column '{name}', whose values are of type "
            f"{column.dtype}."
        )
    return column
