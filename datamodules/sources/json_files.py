"""JSON files and files of JSON lines."""

import codecs
import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from datamodules.errors import UserError
from datamodules.sources.encoding import check_utf8
from datamodules.sources.json_pages import lists_in
from datamodules.sources.missing import without_marks
from datamodules.sources.nested import without_objects
from datamodules.sources.table import Table
from datamodules.sources.written_numbers import with_written_numbers


def read_json(path: Path, as_text: Collection[str] = ()) -> Table:
    """Read a JSON list of objects, one a row; it may stand within an object, or line by line.

    Args:
        path: of the file.
        as_text: columns whose cells stay text where they are text.

    Raises:
        UserError: the file is empty, not UTF-8, not JSON or not a list of objects.
    """
    check_utf8(path)
    content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    if content.lstrip().startswith(b"{"):
        return _in_object(path, content, as_text)
    try:
        frame = pl.read_json(content, infer_schema_length=None)
    except pl.exceptions.PolarsError:
        # slower, but Python's parser takes NaN, and tells the line at fault
        frame = _frame(path, _parsed(path, content))
    return _table(frame, as_text)


def _in_object(path: Path, content: bytes, as_text: Collection[str]) -> Table:
    """Read the one list of objects in an object, or the lines if each holds an object."""
    first = content.split(b"\n", 1)[0]
    if len(first.strip()) < len(content.strip()) and _is_object(first):
        return read_json_lines(path, as_text)
    body = _parsed(path, content)
    lists = [(place, rows) for place, rows in lists_in(body) if rows]
    if not any(isinstance(value, dict | list) for value in body.values()):
        return _table(_frame(path, [body]), as_text)
    if len(lists) != 1:
        raise _not_rows(path)
    place, rows = lists[0]
    return replace(
        _table(_frame(path, rows), as_text), notes=[f"The rows of '{path}' stand in '{place}'."]
    )


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _table(frame: pl.DataFrame, as_text: Collection[str]) -> Table:
    frame = without_marks(without_objects(frame), as_text=as_text)
    frame, notes = with_written_numbers(frame, as_text=as_text)
    return Table(frame, notes=notes)


def read_json_lines(path: Path, as_text: Collection[str] = ()) -> Table:
    """Read one JSON object a line.

    Args:
        path: of the file.
        as_text: columns whose cells stay text where they are text.

    Raises:
        UserError: the file is empty, not UTF-8, or a line is not a JSON object; the line is named.
    """
    check_utf8(path)
    content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    if content.lstrip().startswith(b"[") and isinstance(_parsed(path, content), list):
        return read_json(path, as_text)
    try:
        frame = pl.read_ndjson(content, infer_schema_length=None)
    except pl.exceptions.PolarsError:
        lines = enumerate(content.split(b"\n"), 1)
        rows = {number: _parsed(path, line, number) for number, line in lines if line.strip()}
        for number, row in rows.items():
            if not isinstance(row, dict):
                raise _not_rows(path, number) from None
        frame = _frame(path, list(rows.values()))
    return replace(
        _table(frame, as_text), line_of=lambda column, value: _line_of(content, column, value)
    )


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


def _not_rows(path: Path, line: int | None = None) -> UserError:
    where = "" if line is None else f" in line {line}"
    return UserError(
        f"'{path}' does not hold rows{where}: each must be an object, such as "
        '{"text": "a fine day", "label": "good"}; pandas writes them with orient="records".'
    )
