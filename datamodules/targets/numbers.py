"""One or several numbers a row."""

import numpy as np
import polars as pl
import torch
from torch import Tensor

from datamodules.errors import UserError
from datamodules.spec import TargetSpec
from datamodules.splits.split import Rows
from datamodules.targets.target import in_row

BINS = 10
"""Strata of a number: a split then has rows from its whole range in each part."""
LARGEST = float(np.finfo(np.float32).max)
ROWS_A_BIN = 10
"""Few rows have fewer strata, since too small a stratum is not held out."""


class Numbers:
    """Take the columns as they are; the model scales them and scales its predictions back.

    Args:
        columns: their names.
    """

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns

    def encode(self, frame: pl.DataFrame, origin: str, rows: Rows | None = None) -> Tensor:
        """Return (N, K) float32 numbers in the user's units."""
        columns = [_number(frame[name], origin, rows) for name in self.columns]
        return torch.from_numpy(np.stack(columns, axis=1))

    def strata(self, encoded: Tensor) -> Rows:
        """Return the tenth of the range of ranks in which the first number lies.

        Of fewer than a hundred rows it is a larger part.
        """
        first = encoded[:, 0].double().numpy()
        bins = max(1, min(BINS, len(first) // ROWS_A_BIN))
        edges = np.quantile(first, np.linspace(0, 1, bins + 1)[1:-1])
        strata: Rows = np.searchsorted(edges, first, side="right").astype(np.int64)
        return strata

    def describe(self, train: Tensor) -> TargetSpec:
        """Return the spec with the training mean and deviation of each number."""
        std = train.double().std(dim=0, correction=0)
        if not bool((std > 0).all()):
            flat = self.columns[int((std == 0).nonzero()[0])]
            raise UserError(f"Every training row has the same '{flat}': there is nothing to learn.")
        mean = train.double().mean(dim=0)
        return TargetSpec(
            "regression", self.columns, mean=mean.tolist(), std=std.tolist(), rows=len(train)
        )


def _number(
    column: pl.Series, origin: str, rows: Rows | None
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    for holds, what in ((column.dtype.is_temporal(), "dates"), (column.dtype.is_nested(), "lists")):
        if holds:
            raise UserError(
                f"{origin}: the target '{column.name}' holds {what}; regression needs numbers."
            )
    numbers = column.cast(pl.Float32, strict=False)
    exact = column.cast(pl.Float64, strict=False)
    far = exact.filter(numbers.is_infinite() & exact.is_finite())
    if len(far):
        raise UserError(
            f"{origin}: the target '{column.name}' holds {far[0]:g}, and a model's numbers reach "
            f"{LARGEST:.1e}: divide the target by some unit."
        )
    wrong = numbers.is_null() | ~numbers.is_finite().fill_null(False)
    if wrong.any():
        raise UserError(
            f"{origin}: regression needs numbers, but the target '{column.name}' is "
            f"{str(column.filter(wrong)[0])!r:.80} {in_row(wrong, rows)}: mend it, or leave it "
            f"empty."
        )
    values: np.ndarray[tuple[int], np.dtype[np.float32]] = numbers.to_numpy()
    return values
