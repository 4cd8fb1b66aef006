"""A column that came in another type than in training, read as it was meant there."""

import polars as pl

from datamodules.errors import UserError
from datamodules.features.values import TRUTH
from datamodules.sources.truth import as_truth

LONGEST = 80
"""Letters of a value that a message quotes."""
KINDS = {
    "String": "words",
    "Float64": "numbers",
    "Boolean": "true or false",
    "Date": "dates",
    "Datetime": "dates with times",
    "Time": "times of day",
    "Duration": "spans of time",
}


def as_before(column: pl.Series, dtype: str, values: list[str] | None, origin: str) -> pl.Series:
    """Return a column with the type that it had in training.

    The same table reads otherwise from a CSV file than from JSON: dates as text, numbers as words,
    truth as 1 and 0. What is meant is what training had.

    Args:
        column: of new rows.
        dtype: polars' name of the type in training, numbers of any width being ``Float64``.
        values: all values of a column of words in training, if they were few.
        origin: where the rows came from.

    Raises:
        UserError: a cell cannot be read so; row and value are named.
    """
    if str(column.dtype) == dtype and dtype not in ("Float64", "String"):
        return column
    changed = _changed(column, dtype, values or [])
    if changed is None:
        raise _misfit(column, column.is_not_null(), dtype, origin)
    lost = changed.is_null() & column.is_not_null()
    if column.dtype == pl.String:
        lost &= column.str.strip_chars() != ""
    if lost.any():
        raise _misfit(column, lost, dtype, origin)
    return _without_infinity(changed) if dtype == "Float64" else changed


def _changed(column: pl.Series, dtype: str, values: list[str]) -> pl.Series | None:
    """Return the column in the type of training, null in cells that cannot be read so.

    ``None`` where no cell could.
    """
    kind, _, unit = dtype.partition("(")
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        return None
    if column.null_count() == len(column):
        return pl.Series(column.name, [None] * len(column), dtype=_polars_type(dtype))
    if kind == "String":
        return _as_words(column, values)
    if kind in ("Date", "Datetime", "Time"):
        return _as_time(column, kind, unit)
    plain = {"Float64": _as_numbers, "Boolean": as_truth}
    return plain[kind](column) if kind in plain else None


def _as_numbers(column: pl.Series) -> pl.Series | None:
    if column.dtype.is_temporal():
        return None
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        truth = column.str.to_lowercase().replace(TRUTH)
        return truth.cast(pl.Float64, strict=False)
    return column.cast(pl.Float64, strict=False)


def _as_time(column: pl.Series, kind: str, unit: str) -> pl.Series | None:
    target = _polars_type(f"{kind}({unit}" if unit else kind)
    if column.dtype.is_temporal():
        return column.cast(target, strict=False)
    if column.dtype != pl.String:
        return None
    text = column.str.strip_chars()
    if kind == "Time":
        return text.str.to_time(strict=False)
    if kind == "Date":
        return text.str.slice(0, 10).str.to_date(strict=False)
    parsed = text.str.replace("T", " ", literal=True).str.to_datetime(strict=False)
    return parsed.cast(target, strict=False)


def _as_words(column: pl.Series, values: list[str]) -> pl.Series:
    words = column.cast(pl.String, strict=False)
    if column.dtype.is_float():
        words = words.str.strip_suffix(".0")
    if column.dtype == pl.Boolean:  # 'True' in training's file is true in this one
        spelling = {value.lower(): value for value in values}
        words = words.replace({word: spelling.get(word, word) for word in ("true", "false")})
    return words.set(words.str.strip_chars() == "", None)


def _without_infinity(column: pl.Series) -> pl.Series:
    return column.set(column.is_infinite().fill_null(False), None)


def _misfit(column: pl.Series, lost: pl.Series, dtype: str, origin: str) -> UserError:
    row = int(lost.arg_true()[0])
    many = int(lost.sum())
    more = f" (and in {many - 1} more rows)" if many > 1 else ""
    kind = KINDS.get(dtype.partition("(")[0], dtype)
    return UserError(
        f"--data.source: {origin}: column '{column.name}' held {kind} in training, but in row "
        f"{row + 1} it is '{_told(column[row])}'{more}: mend it, or leave the cell empty if it is "
        f"not known."
    )


def _told(value: object) -> str:
    """Return a value on one line that is not too long."""
    if isinstance(value, pl.Series):
        value = value.to_list()
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _polars_type(dtype: str) -> pl.DataType:
    """Return the type that ``str`` names."""
    kind, _, rest = dtype.partition("(")
    if kind == "Datetime":
        unit = rest.split("'")[1] if "'" in rest else "us"
        zone = rest.split("time_zone=")[1].rstrip(")").strip("'") if "time_zone=" in rest else ""
        return pl.Datetime(unit, None if zone in ("", "None") else zone)  # type: ignore[arg-type]
    if kind == "Duration":
        return pl.Duration(rest.split("'")[1])  # type: ignore[arg-type]
    found: pl.DataType = getattr(pl, kind)()
    return found
