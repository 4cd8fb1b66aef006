"""Any number of labels a row."""

import numpy as np
import polars as pl
import torch
from torch import Tensor

from datamodules.errors import UserError, choices
from datamodules.spec import TargetSpec
from datamodules.splits.split import Rows
from datamodules.targets.target import in_row


class Labels:
    """Mark which labels each row has.

    Args:
        columns: one column whose cells hold several labels, or one column of 0 and 1 a label.
        names: the labels in the order of their marks.
        separator: what stands between the labels of a cell; ``None`` where cells are lists or
            each label has a column.
    """

    def __init__(self, columns: list[str], names: list[str], separator: str | None) -> None:
        self.columns = columns
        self.names = names
        self.separator = separator

    @classmethod
    def of(
        cls, frame: pl.DataFrame, columns: list[str], separator: str | None, origin: str
    ) -> "Labels":
        """Find the labels.

        Raises:
            UserError: if there is nothing that separates labels, or no label.
        """
        if len(columns) > 1:
            return cls(columns, columns, None)
        cells = _cells(frame[columns[0]], separator, origin)
        names = cells.explode().drop_nulls().unique().sort().to_list()
        if not names:
            raise UserError(f"{origin}: no row has a label in '{columns[0]}'.")
        return cls(columns, names, separator)

    def encode(self, frame: pl.DataFrame, origin: str, rows: Rows | None = None) -> Tensor:
        """Return (N, C) float32 marks of 0 and 1."""
        if len(self.columns) > 1:
            marks = [_marks(frame[name], origin, rows) for name in self.columns]
            return torch.from_numpy(np.stack(marks, axis=1))
        cells = _cells(frame[self.columns[0]], self.separator, origin)
        flat = pl.DataFrame({"row": range(len(cells)), "label": cells}).explode("label")
        flat = flat.drop_nulls()
        place = flat["label"].replace_strict(
            self.names, range(len(self.names)), default=None, return_dtype=pl.Int64
        )
        if place.null_count():
            strange = flat.filter(place.is_null())
            theirs = pl.Series(range(len(cells))).is_in(strange["row"].implode())
            label = strange["label"][0]
            raise UserError(
                f"{origin}: '{self.columns[0]}' holds the label {label!r:.80} "
                f"{in_row(theirs, rows)}, which no training row had.{choices(label, self.names)}"
            )
        encoded = torch.zeros(len(frame), len(self.names))
        encoded[flat["row"].to_list(), place.to_list()] = 1.0
        return encoded

    def strata(self, encoded: Tensor) -> Rows:
        """Return each row's rarest label: it is the rare ones that chance would leave out."""
        order = encoded.sum(dim=0).argsort()  # rarest first
        marked = encoded[:, order] > 0
        rarest = torch.where(marked.any(dim=1), marked.int().argmax(dim=1), len(self.names))
        strata: Rows = rarest.numpy()
        return strata

    def describe(self, train: Tensor) -> TargetSpec:
        """Return the spec with the training rows that have each label."""
        counts = train.sum(dim=0).long().tolist()
        return TargetSpec("multilabel", self.names, counts=counts, rows=len(train))


def _cells(column: pl.Series, separator: str | None, origin: str) -> pl.Series:
    """Return each row's labels as a list of text."""
    if isinstance(column.dtype, pl.List | pl.Array):
        cells = column.cast(pl.List(pl.String))
    elif separator:
        cells = column.cast(pl.String).str.split(separator)
    else:
        raise UserError(
            f"{origin}: '{column.name}' holds several labels in a cell: say what separates them, "
            f"such as --data.separator '|'."
        )
    trimmed = cells.list.eval(pl.element().str.strip_chars())
    return trimmed.list.eval(pl.element().filter(pl.element() != "")).list.unique()


def _marks(
    column: pl.Series, origin: str, rows: Rows | None
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    numbers = column.cast(pl.Float32, strict=False)
    wrong = ~numbers.is_in([0.0, 1.0]).fill_null(False)
    if wrong.any():
        raise UserError(
            f"{origin}: a column for each label holds 0 or 1, but '{column.name}' is "
            f"{str(column.filter(wrong)[0])!r:.80} {in_row(wrong, rows)}."
        )
    marks: np.ndarray[tuple[int], np.dtype[np.float32]] = numbers.to_numpy()
    return marks
