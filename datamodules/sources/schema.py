"""The types that the user gives to columns, and the cells that do not fit them."""

from collections.abc import Collection, Mapping
from typing import Literal, get_args

import polars as pl

from datamodules.errors import UserError, choices
from datamodules.sources.dates import to_dates, to_datetimes
from datamodules.sources.missing import MARKS
from datamodules.sources.table import Table
from datamodules.sources.urls import shown

ColumnKind = Literal["integer", "number", "boolean", "category", "text", "date", "datetime"]
Schema = dict[str, ColumnKind]

HOLDS: dict[ColumnKind, str] = {
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "true and false",
    "date": "dates such as 2024-12-31",
    "datetime": "dates with times such as 2024-12-31 12:00:00",
}
TRUE = ["true", "t", "yes", "y", "1", "1.0"]
FALSE = ["false", "f", "no", "n", "0", "0.0"]


def check_schema(schema: Mapping[str, str] | None) -> None:
    """Raise UserError for a type that there is not, with the nearest that is."""
    for name, kind in (schema or {}).items():
        if kind not in get_args(ColumnKind):
            told = choices(kind, get_args(ColumnKind))
            raise UserError(f"--data.schema.{name}: There is no type '{kind}'.{told}")


def with_schema(
    table: Table, schema: Mapping[str, ColumnKind], origin: str, *, all_there: bool = True
) -> Table:
    """Return a table whose columns have the types that the user gives.

    Args:
        table: as read; columns of the schema that can be read as text have been.
        schema: the type of each column; other columns stay as they are.
        origin: where the rows came from, for messages.
        all_there: whether each column of the schema must be.

    Raises:
        UserError: there is no such column, or a cell does not fit; its row is named.
    """
    for name in schema:
        if all_there and name not in table.frame.columns:
            told = choices(name, table.frame.columns)
            raise UserError(f"--data.schema.{name}: '{shown(origin)}' has no such column.{told}")
    columns = [
        _cast(table, table.frame[name], kind, origin)
        for name, kind in schema.items()
        if name in table.frame.columns
    ]
    frame = table.frame.with_columns(columns)
    leave_out = [name for name in table.leave_out if name not in schema]
    return Table(**{**vars(table), "frame": frame, "leave_out": leave_out})


def _cast(table: Table, column: pl.Series, kind: ColumnKind, origin: str) -> pl.Series:
    given = _without_missing(column)
    try:
        cast = _as_kind(given, kind, decimal_comma=table.decimal_comma)
    except pl.exceptions.PolarsError:  # a type that has no such form at all, such as a list
        cast = pl.Series(column.name, [None] * len(column), dtype=pl.String)
    wrong = given.is_not_null() & cast.is_null()
    if not wrong.any():
        return cast
    row = wrong.arg_max()
    assert row is not None
    value = str(given[row])
    line = table.line_of(column.name, value) if table.line_of else None
    where = f"row {row + 1}" + (f" (line {line})" if line else "")
    count = int(wrong.sum())
    more = f"; {count} rows do not fit" if count > 1 else ""
    raise UserError(
        f"--data.schema.{column.name}: {where} of '{shown(origin)}' holds {value!r:.80}, but "
        f"'{column.name}' should hold {HOLDS.get(kind, 'text')}{more}."
    )


def _without_missing(column: pl.Series) -> pl.Series:
    if column.dtype != pl.String:
        return column
    stripped = column.str.strip_chars()
    return stripped.set(stripped.is_in(MARKS), None)


def _as_kind(column: pl.Series, kind: ColumnKind, *, decimal_comma: bool) -> pl.Series:
    if kind in ("integer", "number"):
        return _as_number(column, whole=kind == "integer", decimal_comma=decimal_comma)
    if kind == "boolean":
        return _as_boolean(column)
    if kind in ("category", "text"):
        return column.cast(pl.String)
    if column.dtype.is_temporal():
        return column.cast(pl.Date if kind == "date" else pl.Datetime("us"))
    text = column.cast(pl.String)
    return to_dates(text) if kind == "date" else to_datetimes(text)


def _as_number(column: pl.Series, *, whole: bool, decimal_comma: bool) -> pl.Series:
    if column.dtype == pl.String and decimal_comma:
        column = column.str.replace(r"^([+-]?\d+),(\d+)$", "$1.$2")
    if not whole:
        return column.cast(pl.Float64, strict=False)
    if column.dtype == pl.String:
        return column.cast(pl.Int64, strict=False)
    numbers = column.cast(pl.Int64, strict=False)
    # a fraction must be told, not cut off
    return numbers.set((numbers != column).fill_null(True), None)


def _as_boolean(column: pl.Series) -> pl.Series:
    text = column.cast(pl.String).str.to_lowercase()
    values = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}
    return text.replace_strict(values, default=None, return_dtype=pl.Boolean)


def text_columns(schema: Mapping[str, ColumnKind] | None) -> Collection[str]:
    """Return the columns that are read as text, so that ``007`` keeps its zeros."""
    return frozenset(schema or ())
