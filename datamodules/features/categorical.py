"""Categories as whole numbers, with a place for what training never saw."""

from typing import Any

import polars as pl
import torch
from torch import Tensor


class CategoricalFeatures:
    """Number the categories of each column by their training rows.

    Id 0 stands for a category that is unseen or too rare in training, so that its embedding is
    learnt from the rare ones. A missing value is a category of its own where training has it.

    Args:
        min_count: training rows below which a category counts as rare.
    """

    def __init__(self, min_count: int = 3) -> None:
        self.min_count = min_count
        self.names: list[str] = []
        self.categories: list[list[str | None]] = []

    def fit(self, frame: pl.DataFrame, names: list[str]) -> None:
        """Learn the categories from the training rows' columns ``names``."""
        self.names = names
        self.categories = [self._common(_text(frame[name])) for name in names]

    def __call__(self, frame: pl.DataFrame) -> Tensor:
        """Return the ids, (N, K) int64."""
        ids = torch.empty(len(frame), len(self.names), dtype=torch.int64)
        for place, (name, known) in enumerate(zip(self.names, self.categories, strict=True)):
            numbered = _text(frame[name]).replace_strict(
                pl.Series(known, dtype=pl.String),
                pl.int_range(1, len(known) + 1, eager=True),
                default=0,
                return_dtype=pl.Int64,
            )
            ids[:, place] = torch.from_numpy(numbered.to_numpy(writable=True))
        return ids

    @property
    def cardinalities(self) -> list[int]:
        """How many ids each column has, id 0 included."""
        return [len(known) + 1 for known in self.categories]

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return dict(vars(self))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        vars(self).update(state)

    def _common(self, column: pl.Series) -> list[str | None]:
        counts = column.value_counts(name="rows").filter(pl.col("rows") >= self.min_count)
        return sorted(counts[column.name].to_list(), key=lambda known: (known is not None, known))


def _text(column: pl.Series) -> pl.Series:
    """Return the column as text, so that '3' in one file is the 3 of another."""
    return column.cast(pl.String)
