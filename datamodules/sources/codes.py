"""Codes, which are written with digits and are no numbers."""

from pathlib import Path

import polars as pl

LOOK = 2_000
"""Rows at the beginning of a file that say which columns hold codes."""
CODE = r"^0\d+$"
"""Nobody writes a number so: a zero in front is part of a name, such as a postcode."""


def code_columns(path: Path, separator: str) -> list[str]:
    """Return the columns of a delimited file that hold digits, some with a zero in front.

    Raises:
        polars.exceptions.PolarsError: the file cannot be parsed.
    """
    cells = pl.read_csv(path, separator=separator, n_rows=LOOK, infer_schema=False, glob=False)
    return [
        column.name
        for column in cells
        if column.str.contains(CODE).any() and column.str.contains(r"^\d*$").all()
    ]


def told(codes: list[str]) -> list[str]:
    """Return a sentence on columns that hold codes."""
    if not codes:
        return []
    columns = ", ".join(f"'{name}'" for name in codes)
    return [
        f"{columns}: digits with a zero in front are codes and no numbers; for numbers, say "
        f"`schema: {{{codes[0]}: integer}}`."
    ]
