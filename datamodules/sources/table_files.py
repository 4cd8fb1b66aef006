"""One file of a table, by its suffix."""

import gzip
import shutil
import tempfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl

from datamodules.errors import UserError
from datamodules.sources.dates import with_dates
from datamodules.sources.delimited import read_delimited
from datamodules.sources.json_files import read_json, read_json_lines
from datamodules.sources.missing import plain_types
from datamodules.sources.nested import without_objects
from datamodules.sources.paths import existing_path
from datamodules.sources.table import Table

SUFFIXES = [".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"]
GZIP = ".gz"
DATABASES = {".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".duckdb": "duckdb"}
"""Files of these suffixes are named by a URL, which begins so."""
SHEETS = (".xlsx", ".xls", ".ods")


def table_suffix(name: str) -> str:
    """Return the suffix that says what a file holds, in small letters, without ``.gz``."""
    return Path(name.lower().removesuffix(GZIP)).suffix


def read_table_file(source: str, as_text: Collection[str] = ()) -> Table:
    """Read one CSV, TSV, JSON, JSON lines or Parquet file; ``.gz`` is unpacked.

    Args:
        source: the path.
        as_text: columns whose cells stay as they are written.

    Raises:
        UserError: there is no such file, or it cannot be read as a table.
    """
    path = _table_path(source)
    try:
        if path.suffix.lower() != GZIP:
            return _dated(plain(str(path), _read(path, as_text)), as_text)
        with unpacked(path) as file, called(file, str(path)):
            table = _dated(plain(str(path), _read(file, as_text)), as_text)
            # the unpacked file is gone when a line is asked for
            return replace(table, line_of=None)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}.") from error


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Unpack a ``.gz`` file into a temporary one of the same name, for as long as it is read.

    Raises:
        UserError: it is damaged.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, path.name[: -len(GZIP)])
        try:
            with gzip.open(path) as packed, file.open("wb") as plain_file:
                shutil.copyfileobj(packed, plain_file, 1 << 20)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UserError(f"'{path}' cannot be unpacked: it is damaged, or no gzip.") from error
        yield file


@contextmanager
def called(file: Path, name: str) -> Iterator[None]:
    """Name a temporary file as the user knows it, in whatever is said of it."""
    try:
        yield
    except UserError as error:
        raise UserError(str(error).replace(str(file), name)) from error


def plain(name: str, table: Table) -> Table:
    """Return a table with few types and names without white space around them.

    Raises:
        UserError: two columns have one name, or there are no rows.
    """
    frame = plain_types(table.frame)
    names = [column.removeprefix("\ufeff").strip() for column in frame.columns]
    twice = [column for column, count in Counter(names).items() if count > 1]
    if twice:
        raise UserError(
            f"'{name}' has more than one column named '{twice[0]}': rename all but one."
        )
    if frame.is_empty():
        raise UserError(f"'{name}' has no rows.")
    return replace(table, frame=frame.rename(dict(zip(frame.columns, names, strict=True))))


def _dated(table: Table, as_text: Collection[str]) -> Table:
    """Return a table with dates for text that says them, whatever the form of the file."""
    return replace(table, frame=with_dates(table.frame, as_text))


def _table_path(source: str) -> Path:
    path = existing_path(source)
    valid = ", ".join(SUFFIXES)
    if path.is_dir():
        raise UserError(_folder(source, path))
    scheme = DATABASES.get(table_suffix(path.name))
    if scheme is not None:
        raise UserError(
            f"--data.source: '{source}' is a database: name it as {scheme}:///{source}, and say "
            f"which rows by --data.query."
        )
    if table_suffix(path.name) not in SUFFIXES:
        sheet = " Save the sheet as CSV." if path.suffix.lower() in SHEETS else ""
        raise UserError(
            f"--data.source: '{source}' is of a kind that cannot be read as a table "
            f"('{path.suffix}'): valid suffixes are {valid}, each also with .gz.{sheet}"
        )
    return path


def _folder(source: str, path: Path) -> str:
    kinds = Counter(table_suffix(each.name) for each in path.iterdir() if each.is_file())
    most = next((kind for kind, _ in kinds.most_common() if kind in SUFFIXES), None)
    several = f", or all of them: '{source.rstrip('/')}/*{most}'" if most else ""
    return (
        f"--data.source: '{source}' is a folder: name one file in it "
        f"({', '.join(SUFFIXES)}){several}."
    )


def _read(path: Path, as_text: Collection[str]) -> Table:
    match path.suffix.lower():
        case ".csv" | ".tsv":
            return read_delimited(path, as_text)
        case ".json":
            return read_json(path, as_text)
        case ".jsonl" | ".ndjson":
            return read_json_lines(path, as_text)
        case _:
            return Table(_read_parquet(path))


def _read_parquet(path: Path) -> pl.DataFrame:
    if path.stat().st_size == 0:
        raise UserError(f"'{path}' is empty.")
    try:
        return without_objects(pl.read_parquet(path, glob=False))
    except pl.exceptions.PolarsError as error:
        first = str(error).strip().splitlines()[0]
        raise UserError(f"'{path}' cannot be read as Parquet: {first}.") from error
