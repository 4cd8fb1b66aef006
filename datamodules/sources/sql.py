"""Databases of servers, through SQLAlchemy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from datamodules.errors import UserError, choices
from datamodules.sources.database import DriverError
from datamodules.sources.urls import with_credentials, without_secrets

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, CursorResult

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""The driver that is taken where the URL names none."""
SECONDS = 10
"""How long a server may take to answer at all."""
TAKE_SECONDS = {"psycopg", "psycopg2", "pymysql"}
"""Drivers with a ``connect_timeout``."""
NOISE = re.compile(r"\^|LINE \d+:|\(Background|Multiple conn|Is the server")
"""How lines of a message begin that say nothing to a person."""


class _Rows:
    def __init__(self, result: "CursorResult[Any]", password: str) -> None:
        self.result = result
        self.password = password

    @property
    def names(self) -> list[str]:
        return list(self.result.keys())

    def close(self) -> None:
        self.result.close()

    def batches(self, size: int) -> Iterator[list[Any]]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield from map(list, self.result.partitions(size))
        except SQLAlchemyError as error:
            raise DriverError(_line(error, self.password)) from error


class Server:
    """An open connection in a transaction that cannot write.

    Args:
        connection: which is never committed.
        password: which no message may tell.
    """

    def __init__(self, connection: "Connection", password: str) -> None:
        self.connection = connection
        self.password = password

    def tables(self) -> list[str]:
        """Return the names of its tables and views."""
        from sqlalchemy import inspect

        inspector = inspect(self.connection)
        return sorted([*inspector.get_table_names(), *inspector.get_view_names()])

    def whole(self, table: str) -> str:
        """Return the query for every row of a table, in the order of its key if it has one."""
        from sqlalchemy import inspect

        quote = self.connection.dialect.identifier_preparer.quote
        key = inspect(self.connection).get_pk_constraint(table).get("constrained_columns") or []
        order = f" ORDER BY {', '.join(map(quote, key))}" if key else ""
        return f"SELECT * FROM {quote(table)}{order}"

    def ask(self, query: str) -> _Rows:
        """Run a query.

        Raises:
            DriverError: it fails, or gives no rows by its nature.
        """
        from sqlalchemy.exc import SQLAlchemyError

        # no_parameters: a % in the text is a %
        options = {"no_parameters": True, "stream_results": True}
        try:
            text = query.strip().rstrip(";")
            result = self.connection.exec_driver_sql(text, execution_options=options)
        except SQLAlchemyError as error:
            raise DriverError(_line(error, self.password)) from error
        if not result.returns_rows:
            raise DriverError("the query gives no rows by its nature: it should be a SELECT")
        return _Rows(result, self.password)


@contextmanager
def open_server(url: str) -> Iterator[Server]:
    """Connect to a server, for reading.

    Raises:
        UserError: SQLAlchemy or the driver is not there, or the server refuses.
    """
    try:
        import sqlalchemy
    except ImportError as error:
        name = without_secrets(url)
        raise UserError(f"'{name}' needs SQLAlchemy: pip install 'fulgurite[sql]'") from error
    engine = _engine(url)
    password = str(engine.url.password or "")
    try:
        connection = engine.connect()
    except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
        raise UserError(
            f"--data.source: '{without_secrets(url)}' cannot be reached: {_line(error, password)}."
        ) from error
    try:
        _forbid_writing(connection)
        yield Server(connection, password)
    finally:
        connection.close()  # which rolls back
        engine.dispose()


def _engine(url: str) -> Any:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchModuleError

    address = _address(url)
    driver = address.drivername.partition("+")[2]
    known = driver in TAKE_SECONDS and "connect_timeout" not in address.query
    given = {"connect_timeout": SECONDS} if known else {}
    try:
        return create_engine(address, connect_args=given)
    except NoSuchModuleError as error:
        scheme = url.partition("://")[0]
        valid = ["sqlite", "duckdb", "http", "https", *DRIVERS]
        raise UserError(
            f"--data.source: There is no kind of database '{scheme}'.{choices(scheme, valid)}"
        ) from error
    except ModuleNotFoundError as error:
        missing = error.name or "its driver"
        install = "'fulgurite[sql]'" if missing == "psycopg" else missing
        raise UserError(
            f"'{without_secrets(url)}' needs {missing}: pip install {install}"
        ) from error


def _address(url: str) -> "URL":
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        address = make_url(with_credentials(url))
    except (ArgumentError, ValueError) as error:
        raise UserError(
            f"--data.source: '{without_secrets(url)}' is no URL of a database: write it as "
            f"postgresql://USER@HOST:PORT/NAME."
        ) from error
    return address.set(drivername=DRIVERS.get(address.drivername, address.drivername))


def _forbid_writing(connection: "Connection") -> None:
    """Make the transaction one that cannot write, where the server knows such."""
    name = connection.dialect.name
    if name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        # a large table is read from its beginning, so that its rows keep their order
        connection.exec_driver_sql("SET LOCAL synchronize_seqscans = off")
    elif name in ("mysql", "mariadb"):
        connection.rollback()
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        connection.commit()


def _line(error: Exception, password: str) -> str:
    """Return what the driver says, as one line without a full stop and without the password."""
    said = str(getattr(error, "orig", None) or error)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    kept = [line for line in lines if not NOISE.match(line)]
    text = " ".join(kept[:2]).rstrip(".") or type(error).__name__
    text = without_secrets(text)
    return text.replace(password, "***") if len(password) > 2 else text
