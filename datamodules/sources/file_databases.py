"""SQLite and DuckDB: databases that are files."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from datamodules.errors import UserError
from datamodules.sources.database import DriverError
from datamodules.sources.paths import existing_path

TABLES = {
    "sqlite": (
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ),
    "duckdb": "SELECT table_name FROM information_schema.tables ORDER BY table_name",
}


def database_path(url: str) -> Path:
    """Return the file of ``sqlite:///FILE``: three strokes before a relative path, four before an
    absolute one.

    Raises:
        UserError: the URL has another form, or there is no such file.
    """  # noqa: D205  one sentence, over two lines
    scheme, _, rest = url.partition("://")
    path = unquote(rest[1:])
    if not rest.startswith("/") or not path or path == ":memory:":
        raise UserError(
            f"--data.source: '{url}' names no file: write {scheme}:///FILE.db for a file here, and "
            f"{scheme}:////FOLDER/FILE.db, with four strokes, for a path from the root."
        )
    found = existing_path(path)
    if found.is_dir():
        raise UserError(f"--data.source: '{url}' is a folder, not a database.")
    return found


class _Rows:
    """The answer of a driver by Python's common rules for databases, PEP 249."""

    def __init__(self, cursor: Any, errors: type[Exception]) -> None:
        self.cursor = cursor
        self.errors = errors

    @property
    def names(self) -> list[str]:
        return [column[0] for column in self.cursor.description or []]

    def close(self) -> None:
        self.cursor.close()

    def batches(self, size: int) -> Iterator[list[Any]]:
        try:
            while rows := self.cursor.fetchmany(size):
                yield rows
        except self.errors as error:
            raise DriverError(_line(error)) from error


class FileDatabase:
    """An open file, from which can only be read.

    Args:
        connection: by PEP 249.
        tables: the query for the names of the tables.
        errors: what the driver raises.
    """

    def __init__(self, connection: Any, tables: str, errors: type[Exception]) -> None:
        self.connection = connection
        self.errors = errors
        self._tables = tables

    def tables(self) -> list[str]:
        """Return the names of its tables and views."""
        return [name for rows in self.ask(self._tables).batches(1000) for (name,) in rows]

    def whole(self, table: str) -> str:
        """Return the query for every row of a table."""
        quoted = table.replace('"', '""')
        return f'SELECT * FROM "{quoted}"'

    def ask(self, query: str) -> _Rows:
        """Run a query.

        Raises:
            DriverError: it fails, or gives no rows by its nature.
        """
        try:
            rows = _Rows(self.connection.execute(query), self.errors)
        except self.errors as error:
            raise DriverError(_line(error)) from error
        if not rows.names:
            raise DriverError("the query gives no rows by its nature: it should be a SELECT")
        return rows


@contextmanager
def open_sqlite(url: str) -> Iterator[FileDatabase]:
    """Open a file of SQLite for reading; one that is not there is not made.

    Raises:
        UserError: it is not there, or no database.
    """
    path = database_path(url)
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
    # bytes that are not UTF-8 must not end the reading
    connection.text_factory = lambda cell: cell.decode("utf-8", "replace")
    try:
        database = FileDatabase(connection, TABLES["sqlite"], sqlite3.Error)
        _check(database, url, "SQLite")
        yield database
    finally:
        connection.close()


@contextmanager
def open_duckdb(url: str) -> Iterator[FileDatabase]:
    """Open a file of DuckDB for reading, without the files around it.

    Raises:
        UserError: it is not there, or no database.
    """
    path = database_path(url)
    try:
        import duckdb
    except ImportError as error:
        raise UserError(f"'{url}' needs duckdb: pip install 'fulgurite[sql]'") from error
    try:
        connection = duckdb.connect(
            str(path), read_only=True, config={"enable_external_access": "false"}
        )
    except duckdb.Error as error:
        raise UserError(f"--data.source: '{url}' cannot be opened: {_line(error)}.") from error
    try:
        yield FileDatabase(connection, TABLES["duckdb"], duckdb.Error)
    finally:
        connection.close()


def _check(database: FileDatabase, url: str, kind: str) -> None:
    try:
        database.tables()
    except DriverError as error:
        raise UserError(f"--data.source: '{url}' is no {kind} database: {error}.") from error


def _line(error: Exception) -> str:
    """Return what a driver says, as one line without a full stop."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines if not re.fullmatch(r"\^|LINE \d+:.*", line)]
    return " ".join(kept[:2]).rstrip(".") or type(error).__name__
