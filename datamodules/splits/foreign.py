"""Split files that were made elsewhere."""

import json
from pathlib import Path

import numpy as np
import polars as pl

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.row_hashes import Hashes, row_hashes
from datamodules.splits.part_names import part_of, parts_named
from datamodules.splits.split import NOWHERE, TRAIN, Rows
from datamodules.splits.splitter import Parts, Undivided
from datamodules.splits.table import parts_by_keys

PART, NUMBERS = ("part", "split", "subset"), ("row", "index")


def foreign_parts(path: Path, undivided: Undivided) -> Parts:
    """Return the part that a file gives each row: (M,); what it does not name is for training.

    Args:
        path: CSV, JSON or Parquet with a column ``part``, and ``row`` or columns of the data.
        undivided: the rows.

    Raises:
        UserError: it is no such file, or it is of other data.
    """
    place = f"--data.split: '{path}'"
    frame = _read(path, undivided.records)
    lower = {name.strip().casefold(): name for name in frame.columns}
    part = next((lower[name] for name in PART if name in lower), None)
    if part is None:
        raise UserError(
            f"{place} has no column 'part' that says train, val or test; its columns are "
            f"{', '.join(frame.columns[:8])}."
        )
    parts = parts_named(frame[part], f"{place}: '{part}'")
    number = next((lower[name] for name in NUMBERS if name in lower), None)
    in_data = [name for name in frame.columns if name != part and name in undivided.frame.columns]
    if number is not None and number not in in_data:
        known = _by_number(frame[number], parts, undivided, place)
    elif in_data:
        known = _by_columns(frame.select(in_data), parts, undivided, place)
    else:
        raise UserError(
            f"{place} does not say which rows it means: beside '{part}' it needs a column 'row' "
            f"(from 0), or one of the data's, such as '{undivided.frame.columns[0]}'."
        )
    _check(known, len(parts), undivided, path)
    return np.where(known == NOWHERE, TRAIN, known).astype(np.int16)


def key_of(path: Path) -> str | None:
    """Return the one column by which a file tells rows, or groups of them; ``None`` if not by one.

    Args:
        path: as for :func:`foreign_parts`.

    Raises:
        UserError: it cannot be read.
    """
    names = _read(path, None).columns
    keys = [name for name in names if name.strip().casefold() not in (*PART, *NUMBERS)]
    return keys[0] if len(keys) == 1 and len(names) == 2 else None


def _by_number(column: pl.Series, parts: Parts, undivided: Undivided, place: str) -> Parts:
    rows = _whole_numbers(column, place)
    count = len(undivided.records)
    outside = (rows < 0) | (rows >= count)
    if outside.any():
        raise UserError(
            f"{place} is one of other data: it names row {rows[outside][0]}, and "
            f"'{undivided.records.origin}' has rows 0 to {count - 1}{_from_one(rows, count)}."
        )
    _refuse_two_parts(rows, parts, column, place)
    known = np.full(count, NOWHERE, dtype=np.int16)
    known[rows] = parts
    return known[undivided.rows]


def _from_one(rows: Rows, count: int) -> str:
    counts = rows.min() >= 1 and rows.max() == count
    return "; they count from 0, so take 1 off each" if counts else ""


def _whole_numbers(column: pl.Series, place: str) -> Rows:
    if column.dtype.is_nested():
        column = pl.Series(column.name, [str(each) for each in column.to_list()], dtype=pl.String)
    numbers = column.cast(pl.Float64, strict=False)
    whole = (numbers.is_finite() & (numbers == numbers.floor())).fill_null(value=False)
    if not whole.all():
        wrong = column.filter(~whole)[0]
        raise UserError(f"{place}: '{column.name}' holds '{wrong}', which is no row number.")
    rows: Rows = numbers.cast(pl.Int64).to_numpy()
    return rows


def _by_columns(frame: pl.DataFrame, parts: Parts, undivided: Undivided, place: str) -> Parts:
    told = row_hashes(Records(frame, place))
    _refuse_two_parts(told, parts, frame[:, 0], place)
    here = row_hashes(Records(undivided.frame, ""), frame.columns)
    return parts_by_keys(told, parts, here[undivided.rows])


def _refuse_two_parts(rows: Rows | Hashes, parts: Parts, column: pl.Series, place: str) -> None:
    order = np.lexsort((parts, rows))
    same = (rows[order][1:] == rows[order][:-1]) & (parts[order][1:] != parts[order][:-1])
    if same.any():
        first = int(order[1:][same][0])
        raise UserError(
            f"{place} puts {int(same.sum())} rows into two parts, such as that of "
            f"'{column.name}' {column[first]}."
        )


def _check(known: Parts, named: int, undivided: Undivided, path: Path) -> None:
    found = int((known != NOWHERE).sum())
    if not found or 2 * found < min(named, len(known)):
        raise UserError(
            f"--data.split: '{path}' is one of other data: it names {named} rows, of which {found} "
            f"are among the {len(known)} usable ones of '{undivided.records.origin}'."
        )
    missing = len(known) - found
    added = f"; {missing} that it does not name are trained on" if missing else ""
    undivided.notes.append(f"{found} rows have the part that '{path}' gives them{added}")


def _read(path: Path, records: Records | None) -> pl.DataFrame:
    try:
        if path.suffix == ".json":
            return _of_json(json.loads(path.read_text("utf-8")), records)
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        separator = "\t" if path.suffix in (".tsv", ".txt") else ","
        frame = pl.read_csv(path, separator=separator, infer_schema_length=None)
    except (OSError, ValueError, TypeError, pl.exceptions.PolarsError) as error:
        said = " ".join(str(error).split())[:160].rstrip(".")
        raise UserError(f"--data.split: '{path}' cannot be read as a split: {said}.") from error
    return frame


def _of_json(told: object, records: Records | None) -> pl.DataFrame:
    """Return a table of parts for the rows of each part, or for one object a row."""
    if isinstance(told, list):
        return pl.DataFrame(told)
    if not isinstance(told, dict):
        raise ValueError("it holds neither parts nor rows")
    lists = {name: rows for name, rows in told.items() if isinstance(rows, list)}
    if lists and all(part_of(name) is None for name in lists) and not {*PART} & {*lists}:
        raise ValueError(f"its lists are called {', '.join(lists)}, and not train, val and test")
    if not lists or any(part_of(name) is None for name in lists):
        return pl.DataFrame(told)
    rows = [row for part in lists.values() for row in part]
    named = any(isinstance(row, str) for row in rows)
    column = records.names if named and records is not None and records.names else "row"
    parts = [name for name, part in lists.items() for _ in part]
    return pl.DataFrame({column: rows, "part": parts})
