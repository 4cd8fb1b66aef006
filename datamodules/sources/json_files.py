"""JSON files and files of JSON lines."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import polars as pl

from datamodules.errors import UserError
from datamodules.sources.encoding import check_utf8
from datamodules.sources.missing import without_marks
from datamodules.sources.table import Table


def read_json(path: Path, as_text: Collection[str] = ()) -> Table:
    """Read a JSON list of objects, one a row.

    Args:
        path: of the file.
        as_text: columns whose cells stay text where they are text.

    Raises:
        UserError: the file is empty, not UTF-8, not JSON or not a list of objects.
    """
    check_utf8(path)
    content = path.read_bytes()
    try:
        frame = pl.read_json(content, infer_schema_length=None)
    except pl.exceptions.PolarsError:
        # slower, but Python's parser takes NaN and a byte order mark, and tells the line at fault
        frame = _frame(path, _parsed(path, content))
    # an object of columns reads as one row of lists
    if len(frame) == 1 and all(column.dtype.is_nested() for column in frame):
        raise _not_rows(path)
    return Table(without_marks(frame, as_text=as_text))


def read_json_lines(path: Path, as_text: Collection[str] = ()) -> Table:
    """Read one JSON object a line.

    Args:
        path: of the file.
        as_text: columns whose cells stay text where they are text.

    Raises:
        UserError: the file is empty, not UTF-8, or a line is not a JSON object; the line is named.
    """
    check_utf8(path)
    content = path.read_bytes()
    try:
        frame = pl.read_ndjson(content, infer_schema_length=None)
    except pl.exceptions.PolarsError:
        lines = enumerate(content.split(b"\n"), 1)
        rows = [_parsed(path, line, number) for number, line in lines if line.strip()]
        frame = _frame(path, rows)
    frame = without_marks(frame, as_text=as_text)
    return Table(frame, line_of=lambda column, value: _line_of(content, column, value))


def _line_of(content: bytes, column: str, value: str) -> int | None:
    """Return the first line whose object holds a value."""
    for number, line in enumerate(content.split(b"\n"), 1):
        row = json.loads(line) if line.strip() else {}
        if str(row.get(column)).strip() == value:
            return number
    return None


def _parsed(path: Path, content: bytes, line: int = 1) -> Any:
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        at = line + error.lineno - 1
        raise UserError(
            f"'{path}' is not valid JSON in line {at}, column {error.colno}: {error.msg}."
        ) from error


def _frame(path: Path, rows: object) -> pl.DataFrame:
    if not isinstance(rows, Iterable) or not all(isinstance(row, dict) for row in rows):
        raise _not_rows(path)
    return pl.from_dicts(list(rows), infer_schema_length=None, strict=False)


def _not_rows(path: Path) -> UserError:
    return UserError(
        f"'{path}' does not hold rows: each must be an object, "
        'such as {"text": "a fine day", "label": "good"}.'
    )
