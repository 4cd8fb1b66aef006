"""CSV and TSV files."""

import csv
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import polars as pl

from datamodules.errors import UserError
from datamodules.sources.codes import code_columns, told
from datamodules.sources.dates import months_first, with_dates
from datamodules.sources.encoding import check_utf8
from datamodules.sources.inferred import read_inferred
from datamodules.sources.missing import without_marks
from datamodules.sources.table import Table
from datamodules.sources.written_numbers import with_written_numbers

SEPARATORS = ",;\t|"


def read_delimited(path: Path, as_text: Collection[str] = ()) -> Table:
    """Read a CSV or TSV file with a header, types inferred over all rows.

    A ``.csv`` file may be separated by ``,``, ``;``, a tab or ``|``, whichever its header has most
    of. ISO dates and times become dates; dates with strokes or points are read day first.

    Args:
        path: of the file.
        as_text: columns whose cells stay as they are written, such as codes with leading zeros.

    Raises:
        UserError: the file is empty, not UTF-8, ragged, or has a column name twice.
    """
    check_utf8(path)
    header = _header(path)
    _refuse_other_kinds(path, header)
    is_tsv = path.suffix.lower() == ".tsv" and "\t" in header
    separator = "\t" if is_tsv else _separator(header)
    written = _cells(path, header, separator)
    names = [name.strip() for name in written]
    _refuse_duplicates(path, names)
    texts = [name for name in written if name.strip() in as_text]
    frame, codes = _parse(path, separator, names, texts)
    as_text = {*as_text, *codes}
    frame.columns = [name or f"column_{i}" for i, name in enumerate(names, 1)]
    frame = without_marks(frame, separator == ";", as_text)
    frame, number_notes = with_written_numbers(frame, separator == ";", as_text)
    frame = with_dates(frame, as_text)
    notes = [] if separator in ",\t" else [f"'{path}' is separated by '{separator}'."]
    notes += _short_lines(path, frame, separator)
    frame, empty_notes = _without_empty_rows(path, frame, separator)
    nameless = [f"column_{i}" for i, name in enumerate(names, 1) if not name]
    frame, leave_out, nameless_notes = _nameless(path, frame, nameless)
    return Table(
        frame,
        leave_out,
        [
            *notes,
            *empty_notes,
            *nameless_notes,
            *told(codes),
            *number_notes,
            *months_first(frame, as_text),
        ],
        decimal_comma=separator == ";",
        line_of=lambda column, value: _line_of(path, separator, names.index(column), value),
    )


def _line_of(path: Path, separator: str, place: int, value: str) -> int | None:
    """Return the first line that holds a value at a place."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=separator)
        line = 1
        try:
            for row in reader:
                if place < len(row) and row[place].strip() == value:
                    return line
                line = reader.line_num + 1
        except csv.Error:  # a cell beyond the csv module's limit
            return None
    return None


def _header(path: Path) -> str:
    """Return the first line that is not empty, with what follows a line break in quotes."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        line = next((line for line in file if line.strip("\r\n")), "")
        if not line:  # a byte order mark alone
            raise UserError(f"'{path}' is empty.")
        while line.count('"') % 2 and (following := file.readline()):
            line += following
    return line.rstrip("\r\n")


def _cells(path: Path, header: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=separator))
    except csv.Error as error:
        raise _bad_header(path) from error


def _bad_header(path: Path) -> UserError:
    return UserError(f"The header of '{path}' cannot be read: is it one line of column names?")


def _refuse_other_kinds(path: Path, header: str) -> None:
    """Raise UserError for text that is no table of lines, whatever the file is called."""
    begins = header.lstrip()[:40].lower()
    if begins.startswith(("[{", '{"')) or begins == "[":
        raise UserError(f"'{path}' is JSON, whatever its name says (.json, or .jsonl by lines).")
    if begins.startswith(("<!doctype", "<html", "<?xml")):
        raise UserError(f"'{path}' is a web page or XML, not a table: was it saved by mistake?")


def _separator(header: str) -> str:
    outside = "".join(header.split('"')[::2])  # a separator in quotes separates nothing
    return max(SEPARATORS, key=outside.count)  # of equals the first, the comma


def _refuse_duplicates(path: Path, names: list[str]) -> None:
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        listed = ", ".join(f"'{name}'" for name in twice)
        raise UserError(f"'{path}' has more than one column named {listed}: rename all but one.")


def _parse(
    path: Path, separator: str, names: list[str], as_text: list[str]
) -> tuple[pl.DataFrame, list[str]]:
    """Return the cells, and the names of columns that turned out to hold codes."""
    try:
        codes = [name for name in code_columns(path, separator) if name not in as_text]
        texts = [*as_text, *codes]
        frame = read_inferred(path, separator, texts)
        if odd := _of_long_ago(frame):  # 5.2.3 is a version, not a day of the year 5
            frame = read_inferred(path, separator, [*texts, *odd])
    except pl.exceptions.PolarsError as error:
        raise _reason(path, separator, error) from error
    # polars renames what has no name or a name twice, so the names are read apart and compared
    columns = [column.strip() for column in frame.columns]
    if len(names) != len(columns) or any(
        name and name != column for name, column in zip(names, columns, strict=True)
    ):
        raise _bad_header(path)
    return frame, [code.strip() for code in codes]


def _of_long_ago(frame: pl.DataFrame) -> list[str]:
    moments = [column for column in frame if column.dtype in (pl.Date, pl.Datetime)]
    years = {column.name: column.dt.year().min() for column in moments}
    return [name for name, year in years.items() if isinstance(year, int) and year < 1000]


def _reason(path: Path, separator: str, error: Exception) -> UserError:
    """Return the error with the line at fault, which polars does not tell."""
    width, line, body = 0, 1, -1
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        try:
            for row in reader:
                width = width or len(row)
                body += bool(row)
                # text above the header, or a header that lacks a name
                if len(row) > width and (
                    width == 1 or (body == 1 and len(next(reader, [])) > width)
                ):
                    return UserError(
                        f"The header of '{path}' has {width} names, but line {line} has {len(row)} "
                        f"values: remove what stands above the header, name every column, or "
                        f"quote values that contain '{separator}'."
                    )
                if len(row) > width:
                    return UserError(
                        f"Line {line} of '{path}' has {len(row)} values for {width} columns: quote "
                        f"a value that contains '{separator}', or mend the line."
                    )
                line = reader.line_num + 1
        except csv.Error:
            return UserError(
                f"A quotation mark in line {line} of '{path}' is out of place or never closed."
            )
    first = str(error).strip().splitlines()[0]
    return UserError(f"'{path}' cannot be read as CSV: {first}.")


def _short_lines(path: Path, frame: pl.DataFrame, separator: str) -> list[str]:
    # a line can only have ended early if the last cell of its row is missing
    if frame.width < 2 or frame.to_series(frame.width - 1).null_count() == 0:
        return []
    lines, line = [], 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=separator)
        try:
            for row in reader:
                if 0 < len(row) < frame.width:
                    lines.append(line)
                line = reader.line_num + 1
        except csv.Error:  # a cell beyond the csv module's limit, which polars could read
            return []
    if not lines:
        return []
    return [
        f"Lines of '{path}' with fewer than {frame.width} values: {len(lines)} (first: line "
        f"{lines[0]}). What they lack counts as missing."
    ]


def _without_empty_rows(
    path: Path, frame: pl.DataFrame, separator: str
) -> tuple[pl.DataFrame, list[str]]:
    """Return the frame without blank lines, and without rows of nothing at its end.

    A row of nothing between others stays: without it those behind would have other numbers than in
    the file.
    """
    empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not empty.any():
        return frame, []
    rows = pl.int_range(len(frame), eager=True)
    last = rows.filter(~empty).max()
    at_end = rows > (-1 if last is None else last)
    left_out = at_end | rows.is_in(_blank_lines(path, separator).implode()) & empty
    note = f"Rows of '{path}' without a single value were left out: {left_out.sum()}."
    return frame.filter(~left_out), [note] if left_out.any() else []


def _blank_lines(path: Path, separator: str) -> pl.Series:
    """Return which rows are lines with nothing in them, not even a separator."""
    blank, header, number = [], False, 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            for row in csv.reader(file, delimiter=separator):
                if header:
                    blank += [] if row else [number]
                    number += 1
                header = header or bool(row)
        except csv.Error:  # a cell beyond the csv module's limit
            pass
    return pl.Series(blank, dtype=pl.Int64)


def _nameless(
    path: Path, frame: pl.DataFrame, nameless: list[str]
) -> tuple[pl.DataFrame, list[str], list[str]]:
    """Return the frame without empty nameless columns, and those that only number the rows."""
    empty = [name for name in nameless if frame[name].null_count() == len(frame)]
    frame = frame.drop(empty)
    numbering = [name for name in nameless if name not in empty and _numbers_rows(frame[name])]
    notes = [f"'{name}' of '{path}' only numbers the rows: left out." for name in numbering]
    return frame, numbering, notes


def _numbers_rows(column: pl.Series) -> bool:
    if not column.dtype.is_integer() or column.null_count():
        return False
    start = column[0] if len(column) else 0
    return start in (0, 1) and bool(
        (column == pl.int_range(start, start + len(column), eager=True)).all()
    )
