"""What the kinds of target have in common."""

from typing import Literal, Protocol

import polars as pl
from torch import Tensor

from datamodules.spec import TargetSpec
from datamodules.splits.split import Rows

Task = Literal["classification", "multilabel", "regression"]


class Target(Protocol):
    """One kind of target."""

    def encode(self, frame: pl.DataFrame, origin: str) -> Tensor:
        """Return the target of each row as :class:`~datamodules.spec.TargetSpec` says.

        Args:
            frame: usable rows.
            origin: where they came from, for messages.

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
