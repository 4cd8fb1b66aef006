"""The rows of a delimited file with the types that all rows have, soon found."""

from collections.abc import Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

import polars as pl

from datamodules.sources.missing import MARKS

FIRST = 2_000
"""Rows that mostly tell the types; whether the others agree is seen as they are read."""


def read_inferred(path: Path, separator: str, as_text: Collection[str] = ()) -> pl.DataFrame:
    """Read a file whose types are inferred over all rows.

    Where the first rows hold text, no later row can make a column anything else, so nobody need
    look for dates in it: that is what takes most of the time. Where a later row is not of the type
    of the first ones, or these are all missing, the types are inferred from all rows.

    Args:
        path: the file.
        separator: what stands between the cells of a line.
        as_text: columns that are left as they are written.

    Raises:
        polars.exceptions.PolarsError: the file cannot be parsed.
    """
    read = partial(pl.read_csv, path, separator=separator, null_values=MARKS, glob=False)
    given: dict[str, type[pl.DataType]] = dict.fromkeys(as_text, pl.String)
    typed = partial(read, try_parse_dates=True)
    cells = read(n_rows=FIRST, infer_schema=False)
    if len(cells) < FIRST:
        return typed(infer_schema_length=None, schema_overrides=given)
    # polars' own reading of some rows may trip over a row behind them
    first = pl.read_csv(cells.write_csv().encode(), try_parse_dates=True, infer_schema_length=None)
    texts = given | {
        column.name: pl.String
        for column in first
        if column.dtype == pl.String and column.null_count() < len(column)
    }
    if not any(column.null_count() == len(column) for column in first):
        with suppress(pl.exceptions.PolarsError):
            return typed(infer_schema_length=FIRST, schema_overrides=texts)
    return typed(infer_schema_length=None, schema_overrides=texts)
