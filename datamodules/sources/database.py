"""Rows of a database."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from typing import Any, Protocol

import polars as pl

from datamodules.errors import UserError, unknown
from datamodules.progress import progress
from datamodules.sources.dates import with_dates
from datamodules.sources.missing import plain_types
from datamodules.sources.nested import without_objects
from datamodules.sources.table import Table
from datamodules.sources.urls import without_secrets

BATCH = 20_000
"""Rows that are fetched at once."""
EXAMPLE = "--data.query 'SELECT * FROM {}'"


class Answer(Protocol):
    """What a query gives, as every driver tells it."""

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        ...

    def batches(self, size: int) -> Iterator[list[Any]]:
        """Yield lists of rows."""
        ...

    def close(self) -> None:
        """Let go of the rows that were not fetched."""
        ...


class Database(Protocol):
    """An open database, from which can only be read."""

    def tables(self) -> list[str]:
        """Return the names of its tables and views."""
        ...

    def whole(self, table: str) -> str:
        """Return the query for every row of a table."""
        ...

    def ask(self, query: str) -> Answer:
        """Run a query."""
        ...


Opened = AbstractContextManager[Database]


def read_database(url: str, query: str | None = None) -> Table:
    """Read the rows of a query, or the only table there is.

    Args:
        url: ``sqlite:///FILE``, ``duckdb:///FILE``, or any URL that SQLAlchemy takes, such as
            ``postgresql://USER@HOST/NAME``. ``$NAME`` stands for an environment variable.
        query: in the database's own language, or the name of a table.

    Raises:
        UserError: there is no such database, the query fails, or it gives no rows.
    """
    name = without_secrets(url)
    with _opener(url)(url) as database:
        text = _query(name, database, query)
        try:
            with closing(database.ask(text)) as answer:
                _check_names(name, answer.names)
                frame = _frame(answer)
        except DriverError as error:
            raise UserError(f"--data.query: '{name}' says: {error}.") from error
    if frame.is_empty():
        told = "the query gives" if query else "the table has"
        raise UserError(f"--data.query: '{name}': {told} no rows.")
    return Table(plain_types(without_objects(frame)))


class DriverError(Exception):
    """What a driver says, in one line without secrets."""


def _opener(url: str) -> Callable[[str], Opened]:
    from datamodules.sources.file_databases import open_duckdb, open_sqlite

    scheme = url.partition("://")[0].lower()
    if scheme == "sqlite":
        return open_sqlite
    if scheme == "duckdb":
        return open_duckdb
    from datamodules.sources.sql import open_server

    return open_server


def _query(name: str, database: Database, query: str | None) -> str:
    """Return the query to run.

    Raises:
        UserError: there is none and the database has not one table, or a table is not there.
    """
    if query is not None and not re.fullmatch(r"\s*[\w.]+\s*", query):
        return query
    tables = database.tables()
    if query is not None:
        if query.strip() not in tables:
            raise UserError(f"--data.query: {unknown('table', query.strip(), tables)}")
        return database.whole(query.strip())
    if not tables:
        raise UserError(f"--data.source: '{name}' has no tables.")
    if len(tables) > 1:
        listed = ", ".join(tables[:12]) + (" ..." if len(tables) > 12 else "")
        raise UserError(
            f"--data.query: '{name}' has {len(tables)} tables ({listed}): say which rows, such as "
            f"{EXAMPLE.format(tables[0])}."
        )
    return database.whole(tables[0])


def _check_names(name: str, names: list[str]) -> None:
    twice = [each for place, each in enumerate(names) if each in names[:place]]
    if twice:
        raise UserError(
            f"--data.query: the query on '{name}' gives more than one column named '{twice[0]}': "
            f"name one of them anew with AS."
        )


def _frame(answer: Answer) -> pl.DataFrame:
    """Return the rows, each column of one type over all batches."""
    parts: list[pl.DataFrame] = []
    with progress("reading rows") as bar:
        for rows in answer.batches(BATCH):
            columns = zip(*rows, strict=True)
            parts.append(
                pl.DataFrame([_series(n, v) for n, v in zip(answer.names, columns, strict=True)])
            )
            bar.advance(len(rows))
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(answer.names, pl.String))
    return with_dates(pl.concat(_alike(parts), rechunk=True))


def _alike(parts: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return parts whose columns have the same types."""
    types: dict[str, Any] = {}
    for name in parts[0].columns:
        kinds = {part.schema[name] for part in parts} - {pl.Null()}
        types[name] = kinds.pop() if len(kinds) == 1 else _widest(kinds)
    return [part.select(pl.col(n).cast(t) for n, t in types.items()) for part in parts]


def _widest(kinds: set[pl.DataType]) -> pl.DataType:
    if kinds and all(kind.is_numeric() for kind in kinds):
        return pl.Float64()
    return pl.String()


def _series(name: str, values: tuple[Any, ...]) -> pl.Series:
    """Return values of one column; what polars has no type for becomes text."""
    kinds = {type(value) for value in values if value is not None}
    mixed = len(kinds) > 1 and not kinds <= {int, float, bool}
    if not mixed:
        try:
            series = pl.Series(name, values, strict=False)
        except (TypeError, OverflowError, pl.exceptions.PolarsError):
            mixed = True
        else:
            return series if series.dtype != pl.Object else _text(name, values)
    return _text(name, values)


def _text(name: str, values: tuple[Any, ...]) -> pl.Series:
    return pl.Series(name, [None if value is None else str(value) for value in values], pl.String)
