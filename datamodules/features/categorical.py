"""Categories as whole numbers, with a place for what training never saw."""

from typing import Any

import polars as pl
import torch
from torch import Tensor

from datamodules.features.column_types import kind_of


class CategoricalFeatures:
    """Number the categories of each column by their training rows.

    Id 0 stands for a category that is unseen or too rare in training, so that its embedding is
    learnt from the rare ones. A missing value is a category of its own where training has it.
    Values are compared as :func:`as_text` spells them.

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
        self.categories = [self._common(as_text(frame[name])) for name in names]

    def __call__(self, frame: pl.DataFrame) -> Tensor:
        """Return the ids, (N, K) int64."""
        ids = torch.empty(len(frame), len(self.names), dtype=torch.int64)
        for place, (name, known) in enumerate(zip(self.names, self.categories, strict=True)):
            numbered = as_text(frame[name]).replace_strict(
                pl.Series(known, dtype=pl.String),
                pl.int_range(1, len(known) + 1, eager=True),
                default=0,
                return_dtype=pl.Int64,
            )
            ids[:, place] = torch.from_numpy(numbered.to_numpy(writable=True))
        return ids

    def misfits(self, frame: pl.DataFrame) -> dict[str, pl.Series]:
        """Return the values, by column, that can be no categories, such as lists."""
        columns = [frame[name] for name in self.names if kind_of(frame[name].dtype) is None]
        return {c.name: c.drop_nulls() for c in columns if c.null_count() < len(c)}

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
        counts = column.alias("category").value_counts(name="rows")
        common = counts.filter(pl.col("rows") >= self.min_count)["category"].to_list()
        return sorted(common, key=lambda category: (category is not None, category))


def as_text(column: pl.Series) -> pl.Series:
    """Return the values as text, so that the '3' of one file is the 3.0 of another.

    White space around a value does not count; blank and infinite values are missing.
    """
    if column.dtype.is_float():
        finite = column.set(~column.is_finite(), None)
        return finite.cast(pl.String).str.strip_suffix(".0")
    text = column.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)
