"""Rows of a table, from wherever they are."""

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.sources.log_lines import LogLines, is_log
from datamodules.sources.missing import without_marks_in
from datamodules.sources.named import is_sample, read_sample
from datamodules.sources.reader import Reader
from datamodules.sources.schema import Schema, check_schema, text_columns, with_schema
from datamodules.sources.several import expanded, files_of, joined
from datamodules.sources.table import Table
from datamodules.sources.table_files import read_table_file
from datamodules.sources.text_folder import is_folder, read_text_folder
from datamodules.sources.urls import is_database, is_web, shown

WORDS = ("category", "text")
"""Types of a schema that leave cells of text as they are."""


def read_table(
    source: str | list[str],
    kind: Literal["table", "text"] = "table",
    *,
    query: str | None = None,
    reader: Reader | None = None,
    schema: Schema | None = None,
    trained: bool = False,
    verbatim: str | None = None,
) -> Records:
    """Read a table.

    Cells that count as missing are listed in ``datamodules.sources.missing``; Parquet files and
    databases have types and nulls of their own, which are kept. The form of the source says how it
    is read: ``sample:NAME``, ``scheme://``, the suffix of a file, a folder.

    Args:
        source: ``sample:NAME``, a file, a pattern such as ``data/*.csv``, a URL, or a list of them.
        kind: which samples the reader takes, and whether a folder is one of texts.
        query: which rows of a database.
        reader: how a source is read whose form does not tell enough.
        schema: the types of columns; those of other columns are inferred.
        trained: whether ``query``, ``reader`` and ``schema`` are those of a trained model, which
            say nothing of a source of another kind.
        verbatim: a column of which text keeps the white space around it.

    Raises:
        UserError: there is no such source, or it cannot be read as a table.
    """
    names = expanded(source)
    if any(map(is_sample, names)):
        check_schema(schema)
        if not trained:
            _refuse_unused(names, query, reader)
        return _sample(names, kind, schema, trained=trained)
    tables = read_tables(
        names,
        kind,
        query=query,
        reader=reader,
        schema=schema,
        trained=trained,
        verbatim=verbatim,
    )
    table = joined(names, tables)
    return Records(
        table.frame,
        origin=shown(source),
        target=table.target,
        text=table.text,
        names=table.names,
        files=files_of(names, tables),
        splitter=table.splitter,
        no_target=_no_classes(shown(source)) if table.names and not table.target else None,
        leave_out=table.leave_out,
        notes=table.notes,
    )


def _no_classes(origin: str) -> str:
    return (
        f"--data.source: '{origin}' holds texts without classes: put those of each class into a "
        f"folder of its own, or name a table with a column for the target."
    )


def read_tables(
    names: list[str],
    kind: Literal["table", "text"] = "table",
    *,
    query: str | None = None,
    reader: Reader | None = None,
    schema: Schema | None = None,
    trained: bool = False,
    verbatim: str | None = None,
) -> list[Table]:
    """Read each of several sources by itself; for the arguments see :func:`read_table`."""
    check_schema(schema)
    if not trained:
        _refuse_unused(names, query, reader)
    as_text = {*text_columns(schema), *([] if verbatim is None else [verbatim])}
    tables = [_read(name, kind, query, reader, as_text) for name in names]
    if verbatim is not None:
        # which would trim it
        schema = {n: k for n, k in (schema or {}).items() if n != verbatim or k not in WORDS}
        tables = [replace(table, frame=without_marks_in(table.frame, verbatim)) for table in tables]
    if not schema:
        return tables
    return [
        with_schema(table, schema, name, all_there=not trained)
        for name, table in zip(names, tables, strict=True)
    ]


def _refuse_unused(names: list[str], query: str | None, reader: Reader | None) -> None:
    """Raise UserError for a setting that says nothing of any source."""
    if query is not None and not any(map(is_database, names)):
        raise UserError(
            f"--data.query: '{shown(names)}' is no database: name one in --data.source, such as "
            f"sqlite:///FILE or postgresql://USER@HOST/NAME, or leave the query out."
        )
    if reader is not None and not any(map(reader.suits, names)):
        raise UserError(
            f"--data.reader: {type(reader).__name__} reads {reader.reads}, which "
            f"'{shown(names)}' is not: leave the reader out."
        )


def _sample(
    names: list[str], kind: Literal["table", "text"], schema: Schema | None, *, trained: bool
) -> Records:
    if len(names) > 1:
        raise UserError("--data.source: a sample stands alone: it cannot be joined to others.")
    records = read_sample(names[0], kind)
    if not schema:
        return records
    table = with_schema(Table(records.frame), schema, names[0], all_there=not trained)
    return replace(records, frame=table.frame)


def _read(
    name: str,
    kind: Literal["table", "text"],
    query: str | None,
    reader: Reader | None,
    as_text: Collection[str],
) -> Table:
    if is_database(name):
        from datamodules.sources.database import read_database

        return read_database(name, query)
    reader = reader if reader is not None and reader.suits(name) else _default_reader(name)
    if reader is not None:
        return reader.read(name, as_text)
    if kind == "text" and is_folder(name):
        return read_text_folder(name, as_text)
    return read_table_file(name, as_text)


def _default_reader(name: str) -> Reader | None:
    """Return what reads a source that no reader was given for, but for plain files."""
    if is_web(name):
        from datamodules.sources.json_api import JsonApi

        return JsonApi()
    return LogLines() if is_log(name) else None
