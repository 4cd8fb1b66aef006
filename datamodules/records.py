"""Rows as a source gives them, before cleaning and splitting."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl
import torch
from torch import Tensor

from datamodules.cleaning.row_names import names_rows
from datamodules.splits.split import Rows

if TYPE_CHECKING:
    from datamodules.splits.by_file import FileSplit


@dataclass(frozen=True)
class Records:
    """N raw rows, with what the source itself knows of them.

    Attributes:
        frame: one line a row: a table's columns, a text column, or an image's label and path.
        origin: where the rows came from, as the user wrote it; for messages.
        images: (N, C, H, W) uint8 pixels, where the rows are images.
        digests: (N, 16) uint8, the BLAKE2 digest of each image, where the source knows them.
        target: the target's column, or columns, where the source knows it.
        separator: what stands between the labels of a multi-label target's cell.
        text: the column of text to learn from, where the source knows it.
        names: the column that tells a person which row it is, such as an image's path.
        files: (N,) the file that each row came from, where there are several.
        splitter: divides the rows as their source does, where it does; for those who name none.
        no_target: what to tell a user who names no target, where the source knows better than to
            list its columns.
        leave_out: columns that a model must not see, such as identifiers or leaks.
        notes: what was noticed while reading, one sentence each.
    """

    frame: pl.DataFrame
    origin: str
    images: Tensor | None = None
    digests: Tensor | None = None
    target: str | list[str] | None = None
    separator: str | None = None
    text: str | None = None
    names: str | None = None
    files: pl.Series | None = None
    splitter: "FileSplit | None" = None
    no_target: str | None = None
    leave_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def row_names(self) -> set[str]:
        """The columns that only name rows; every value is looked at, so it is asked once."""
        return {name for name in self.frame.columns if names_rows(self.frame[name])}

    def with_columns(self, columns: Iterable[pl.Expr | pl.Series]) -> "Records":
        """Return the same rows with columns added or replaced."""
        return replace(self, frame=self.frame.with_columns(columns))

    def hiding(self, names: Iterable[str]) -> "Records":
        """Return the same rows, hiding columns from a model, from copies and from cleaning.

        Args:
            names: of columns; those that the rows do not have, or hide already, change nothing.
        """
        known = [name for name in dict.fromkeys(names) if name in self.frame.columns]
        hidden = [name for name in known if name not in self.leave_out]
        return replace(self, leave_out=[*self.leave_out, *hidden])

    def take(self, rows: Rows, *, pixels: bool = True) -> "Records":
        """Return ``rows``, (M,) row numbers, in the given order.

        Args:
            rows: their numbers.
            pixels: whether images are copied; if not, there are none, (0, C, H, W).
        """
        images, digests, files = self.images, self.digests, self.files
        if images is not None:
            images = images[torch.from_numpy(rows)] if pixels else images[:0]
        if digests is not None:
            digests = digests[torch.from_numpy(rows)]
        if files is not None:
            files = files[rows]
        return replace(self, frame=self.frame[rows], images=images, digests=digests, files=files)
