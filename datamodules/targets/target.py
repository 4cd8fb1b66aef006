"""What the kinds of target have in common."""

from typing import Literal, Protocol

import polars as pl
from torch import Tensor

from datamodules.spec import TargetSpec
from datamodules.splits.split import Rows

Task = Literal["classification", "multilabel", "regression"]


def in_row(marks: pl.Series, rows: Rows | None) -> str:
    """Return where the first marked row stands, and how many more there are.

    Args:
        marks: true for each row that is meant.
        rows: the numbers of the rows where they came from.
    """
    places = marks.fill_null(False).arg_true()
    first = places[0] if rows is None else rows[places[0]]
    others = f" (and in {len(places) - 1} more)" if len(places) > 1 else ""
    return f"in row {first + 1}{others}"


class Target(Protocol):
    """One kind of target."""

    def encode(self, frame: pl.DataFrame, origin: str, rows: Rows | None = None) -> Tensor:
        """Return the target of each row as :class:`~datamodules.spec.TargetSpec` says.

        Args:
            frame: usable rows.
            origin: where they came from, for messages.
            rows: their numbers there, for messages; ``None`` where they are all of them.

        Raises:
            UserError: if a value is not one that was learnt from.
        """
        ...

    def strata(self, encoded: Tensor) -> Rows:
        """Return a whole number for each row, by which a split is stratified: (N,)."""
        ...

    def describe(self, train: Tensor) -> TargetSpec:
        """Return the spec with what the encoded training rows tell.

        Raises:
            UserError: if they teach nothing.
        """
        ...
