"""One source that stands for several files, and their rows as one table."""

import glob
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from datamodules.errors import UserError
from datamodules.sources.paths import existing_path
from datamodules.sources.table import Table
from datamodules.sources.urls import is_url, shown

MARKS = "*?["


def is_pattern(source: str) -> bool:
    """Return whether a source is a pattern of paths, such as ``data/*.csv``."""
    if is_url(source) or not any(mark in source for mark in MARKS):
        return False
    return not Path(source).expanduser().exists()


def expanded(source: str | list[str]) -> list[str]:
    """Return the single sources that are meant, sorted, a file only once.

    Args:
        source: a file, a pattern, or a list of them.

    Raises:
        UserError: nothing is named, or no file matches a pattern.
    """
    given = [source] if isinstance(source, str) else source
    if not given or not all(each.strip() for each in given):
        raise UserError("--data.source: it is empty: name a file, a folder, a URL or sample:NAME.")
    found = [name for each in given for name in (_matching(each) if is_pattern(each) else [each])]
    if len(found) == 1:
        return found
    first: dict[str, str] = {}
    for name in sorted(found):
        first.setdefault(_identity(name), name)
    return list(first.values())


def _identity(name: str) -> str:
    return name if is_url(name) else str(Path(name).expanduser().resolve())


def _matching(pattern: str) -> list[str]:
    path = str(Path(pattern).expanduser())
    found = [name for name in glob.glob(path, recursive=True) if Path(name).is_file()]  # noqa: PTH207  Path.glob takes no absolute pattern
    if not found:
        _refuse_missing_folder(path)
        raise UserError(f"--data.source: no file matches '{pattern}' (from '{Path.cwd()}').")
    return found


def _refuse_missing_folder(pattern: str) -> None:
    """Raise UserError where even the folder before the first mark is not there."""
    fixed = Path(*_parts_before_marks(Path(pattern)))
    if not fixed.exists():
        existing_path(str(fixed))


def _parts_before_marks(pattern: Path) -> list[str]:
    parts: list[str] = []
    for part in pattern.parts:
        if any(mark in part for mark in MARKS):
            break
        parts.append(part)
    return parts


def joined(names: Sequence[str], tables: Sequence[Table]) -> Table:
    """Return the rows of several tables, one after the other, in the first one's columns.

    Args:
        names: of the sources, for messages.
        tables: what they hold.

    Raises:
        UserError: a table has other columns, or a column of another type.
    """
    if len(tables) == 1:
        return tables[0]
    first = tables[0]
    columns = first.frame.columns
    types = dict(first.frame.schema)
    of = dict.fromkeys(columns, names[0])
    for name, table in zip(names[1:], tables[1:], strict=True):
        _refuse_other_columns(names[0], columns, name, table.frame.columns)
        for column in table.frame:
            before = types[column.name]
            if column.null_count() == len(column):
                continue
            if _is_empty(tables, names, of[column.name], column.name):
                types[column.name], of[column.name] = column.dtype, name
            else:
                types[column.name] = _common(column.name, before, of[column.name], column, name)
    frames = [
        table.frame.select(pl.col(column).cast(types[column], strict=False) for column in columns)
        for table in tables
    ]
    kept = [name for name in first.leave_out if all(name in each.leave_out for each in tables)]
    notes = [note for table in tables for note in table.notes]
    return Table(
        pl.concat(frames),
        kept,
        [f"Read {sum(map(len, frames))} rows of {len(frames)} files.", *dict.fromkeys(notes)],
        text=first.text,
        target=first.target,
        names=first.names,
    )


def files_of(names: Sequence[str], tables: Sequence[Table]) -> pl.Series | None:
    """Return the source of each row of several tables: (N,); ``None`` where there is one.

    Args:
        names: of the sources.
        tables: what they hold.
    """
    if len(tables) == 1:
        return None
    shown_as = [shown(name) for name in names]
    different = list(dict.fromkeys(shown_as))
    codes = np.array([different.index(name) for name in shown_as], dtype=np.uint32)
    rows = [len(table.frame) for table in tables]
    return pl.Series("file", np.repeat(codes, rows)).cat.to(pl.Enum(different))


def _is_empty(tables: Sequence[Table], names: Sequence[str], name: str, column: str) -> bool:
    values = tables[names.index(name)].frame[column]
    return values.null_count() == len(values)


def _refuse_other_columns(first: str, columns: list[str], other: str, others: list[str]) -> None:
    lacks = [name for name in columns if name not in others]
    adds = [name for name in others if name not in columns]
    if not lacks and not adds:
        return
    told = []
    if lacks:
        told.append(f"'{shown(other)}' lacks {_columns(lacks)} that '{shown(first)}' has")
    if adds:
        told.append(f"'{shown(other)}' has {_columns(adds)} that '{shown(first)}' lacks")
    raise UserError(
        f"--data.source: {', and '.join(told)}: files that are read together have the same columns."
    )


def _columns(names: list[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"the column{'s' if len(names) > 1 else ''} {listed}{more}"


def _common(
    name: str, before: pl.DataType, first: str, column: pl.Series, other: str
) -> pl.DataType:
    """Return the type that holds the values of both files."""
    kind = column.dtype
    if before == kind:
        return before
    if before.is_numeric() and kind.is_numeric():
        whole = before.is_integer() and kind.is_integer()
        return pl.Int64() if whole else pl.Float64()
    if {before.base_type(), kind.base_type()} == {pl.Date, pl.Datetime}:
        return before if isinstance(before, pl.Datetime) else kind
    value = column.drop_nulls()[0]
    raise UserError(
        f"--data.source: column '{name}' holds {_said(before)} in '{shown(first)}' and "
        f"{_said(kind)} in '{shown(other)}', such as '{value}': mend the file, or say what it is, "
        f"such as --data.schema.{name} category."
    )


def _said(kind: pl.DataType) -> str:
    if kind.is_numeric():
        return "numbers"
    if kind.is_temporal():
        return "dates or times"
    known = {pl.String: "text", pl.Boolean: "true and false"}
    return known.get(kind.base_type(), f"values of type {kind}")
