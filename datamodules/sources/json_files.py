"""JSON files and files of JSON lines."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from datamodules.errors import UserError
from datamodules.sources.encoding import check_utf8
from datamodules.sources.missing import without_marks


def read_json(path: Path) -> pl.DataFrame:
    """Read a JSON list of objects, one a row.

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
    return without_marks(frame)


def read_json_lines(path: Path) -> pl.DataFrame:
    """Read one JSON object a line.

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
    return without_marks(frame)


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
