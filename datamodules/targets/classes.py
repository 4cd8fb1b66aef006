"""One class a row."""

import polars as pl
import torch
from torch import Tensor

from datamodules.errors import UserError, choices
from datamodules.spec import TargetKind, TargetSpec
from datamodules.splits.split import Rows
from datamodules.targets.target import in_row


class Classes:
    """Number the values of one column.

    Args:
        column: its name.
        names: the classes in the order of their numbers.
    """

    def __init__(self, column: str, names: list[str]) -> None:
        self.column = column
        self.names = names

    @classmethod
    def of(cls, frame: pl.DataFrame, column: str, origin: str) -> "Classes":
        """Find the classes: numbers in their order, words in the alphabet's.

        Raises:
            UserError: if there are fewer than two, or nearly as many as rows.
        """
        values = frame[column]
        if values.dtype.is_nested():
            raise UserError(
                f"{origin}: '{column}' holds lists: they are labels for task: multilabel, not "
                f"classes."
            )
        if values.dtype in (pl.Duration, pl.Binary, pl.Object):
            raise UserError(
                f"{origin}: '{column}' holds values of type {values.dtype}, which can be no "
                f"target: make numbers or words of them first."
            )
        if values.dtype == pl.String:
            values = values.str.strip_chars()
        # text only at the end: as text, 10 would come before 9
        names = as_text(values.unique().sort()).to_list()
        if len(names) < 2:
            raise UserError(
                f"{origin}: every row has the same '{column}', '{names[0]}': classes need at "
                f"least two."
            )
        if len(names) > max(20, len(frame) // 2):
            raise UserError(
                f"{origin}: '{column}' has {len(names)} different values in {len(frame)} rows, "
                f"too many to be classes: name another target, or say task: regression if they "
                f"are numbers."
            )
        return cls(column, names)

    def encode(self, frame: pl.DataFrame, origin: str, rows: Rows | None = None) -> Tensor:
        """Return (N,) int64 class numbers."""
        text = as_text(frame[self.column])
        strange = ~text.is_in(self.names)
        if strange.any():
            value = text.filter(strange)[0]
            raise UserError(
                f"{origin}: '{self.column}' is {value!r:.80} {in_row(strange, rows)}, which is no "
                f"class that was learnt.{choices(value, self.names)}"
            )
        numbers = text.replace_strict(self.names, range(len(self.names)), return_dtype=pl.Int64)
        return torch.from_numpy(numbers.to_numpy(writable=True))

    def strata(self, encoded: Tensor) -> Rows:
        """Return the classes themselves."""
        strata: Rows = encoded.numpy()
        return strata

    def describe(self, train: Tensor) -> TargetSpec:
        """Return the spec with the training rows of each class."""
        counts = torch.bincount(train, minlength=len(self.names))
        if int((counts > 0).sum()) < 2:
            raise UserError(
                f"The training rows have a single '{self.column}': hold out fewer rows, or use "
                f"another split."
            )
        kind: TargetKind = "binary" if len(self.names) == 2 else "multiclass"
        return TargetSpec(kind, self.names, counts=counts.tolist(), rows=len(train))


def as_text(values: pl.Series) -> pl.Series:
    """Return each value as text, a whole float without its fraction: 1.0 is the class 1."""
    text = values.cast(pl.String).str.strip_chars()
    return text.str.strip_suffix(".0") if values.dtype.is_float() else text
