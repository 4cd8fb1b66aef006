"""What every reader gives."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from datamodules.splits.by_file import FileSplit

LineOf = Callable[[str, str], int | None]


@dataclass(frozen=True)
class Table:
    """Rows as one file, database or API gives them.

    Attributes:
        frame: the rows.
        leave_out: columns that tell a model nothing, such as one that only numbers the rows.
        notes: what was noticed, one sentence each.
        decimal_comma: whether ``1,5`` is a number there.
        line_of: the first line of the file with a value in a column, for messages.
        text: the column of text to learn from, where the reader knows it.
        target: the target's column, where the reader knows it.
        names: the column that tells a person which row it is, where the reader knows it.
        splitter: divides the rows as their folders do, where these are called train and test.
    """

    frame: pl.DataFrame
    leave_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    decimal_comma: bool = False
    line_of: LineOf | None = None
    text: str | None = None
    target: str | None = None
    names: str | None = None
    splitter: FileSplit | None = None
