"""Rows of a table, from a file or a named sample."""

from collections import Counter
from pathlib import Path
from typing import Literal

import polars as pl

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.sources.delimited import Delimited, read_delimited
from datamodules.sources.json_files import read_json, read_json_lines
from datamodules.sources.missing import plain_types
from datamodules.sources.named import is_sample, read_sample
from datamodules.sources.paths import existing_path

SUFFIXES = [".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"]


def read_table(source: str, kind: Literal["table", "text"] = "table") -> Records:
    """Read a table.

    Cells that count as missing are listed in ``datamodules.sources.missing``; Parquet files have
    types and nulls of their own, which are kept.

    Args:
        source: ``sample:NAME`` or the path of a CSV, TSV, JSON, JSON lines or Parquet file.
        kind: which samples the reader takes.

    Raises:
        UserError: there is no such file or sample, or it cannot be read as a table.
    """
    if is_sample(source):
        return read_sample(source, kind)
    path = _table_path(source)
    try:
        read = _read(path)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}.") from error
    frame = _named(path, plain_types(read.frame))
    if frame.is_empty():
        raise UserError(f"'{path}' has no rows.")
    return Records(frame, origin=source, leave_out=read.leave_out, notes=read.notes)


def _table_path(source: str) -> Path:
    path = existing_path(source)
    valid = ", ".join(SUFFIXES)
    if path.is_dir():
        raise UserError(f"'{source}' is a folder: name one file in it ({valid}).")
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(
            f"'{source}' is of a kind that cannot be read as a table ('{path.suffix}'): "
            f"valid suffixes are {valid}."
        )
    return path


def _read(path: Path) -> Delimited:
    match path.suffix.lower():
        case ".csv" | ".tsv":
            return read_delimited(path)
        case ".json":
            return Delimited(read_json(path))
        case ".jsonl" | ".ndjson":
            return Delimited(read_json_lines(path))
        case _:
            return Delimited(_read_parquet(path))


def _read_parquet(path: Path) -> pl.DataFrame:
    if path.stat().st_size == 0:
        raise UserError(f"'{path}' is empty.")
    try:
        return pl.read_parquet(path, glob=False)
    except pl.exceptions.PolarsError as error:
        first = str(error).strip().splitlines()[0]
        raise UserError(f"'{path}' cannot be read as Parquet: {first}.") from error


def _named(path: Path, frame: pl.DataFrame) -> pl.DataFrame:
    names = [name.removeprefix("\ufeff").strip() for name in frame.columns]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UserError(
            f"'{path}' has more than one column named '{twice[0]}': rename all but one."
        )
    return frame.rename(dict(zip(frame.columns, names, strict=True)))
