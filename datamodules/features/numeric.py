"""Numbers: missing values filled in and marked, then brought to one scale."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from torch import Tensor

from datamodules.errors import UserError
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.column_types import kind_of
from datamodules.features.pipeline import Fill, Pipeline
from datamodules.features.steps.quantile import Quantile
from datamodules.features.steps.step import Floats, Step
from datamodules.features.values import as_numbers, no_numbers, require_column


class Numeric(ColumnFeatures):
    """Fill in what is missing, mark it, and take each column through steps.

    Infinite values count as missing; dates, times and spans of time are counted in days. A column
    with missing values in training is followed, after all numbers, by an indicator of 0 and 1.

    Args:
        columns: of the table.
        fill: what stands for a missing number: the ``median``, the ``mean`` or the
            ``most_frequent`` number of the training rows, or a constant.
        indicators: whether gaps are marked.
        steps: what is done to the filled columns, in order; if ``None``, ``Quantile``.

    Raises:
        UserError: if a column is named twice.
    """

    def __init__(
        self,
        columns: str | list[str],
        fill: Fill = "median",
        indicators: bool = True,
        steps: list[Step] | None = None,
    ) -> None:
        super().__init__(columns)
        self.fill: Fill = fill
        self.indicators = indicators
        self.steps = steps
        self.pipeline = Pipeline(fill, indicators, [Quantile()] if steps is None else steps)
        self.kinds: list[str] = []
        self.truth: list[bool] = []

    @property
    def names(self) -> list[str]:
        """The name of each number made."""
        return self.pipeline.names

    def fit(self, frame: pl.DataFrame, origin: str) -> None:
        """Learn fillings and steps from the training rows.

        Raises:
            UserError: if a column holds what is no number, or what a step cannot take.
        """
        self.kinds = [self._kind(frame, name, origin) for name in self.columns]
        self.truth = []
        self.pipeline.fit(self._told(frame), origin)

    def numbers(self, frame: pl.DataFrame, origin: str) -> Iterator[Floats]:
        """Yield each number of all rows, (N,), then the indicators."""
        return self.pipeline(as_numbers(frame[name]) for name in self.columns)

    def misfits(self, frame: pl.DataFrame) -> dict[str, tuple[str, pl.Series]]:
        """Return the values, by column, that are not of the kind learnt from, such as words."""
        told = zip(self.columns, self.kinds, self.truth, strict=True)
        wrong = {n: (kind, _misfits(frame[n].drop_nulls(), kind, truth)) for n, kind, truth in told}
        return {name: found for name, found in wrong.items() if len(found[1])}

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {
            "columns": self.columns,
            "kinds": self.kinds,
            "truth": self.truth,
            "pipeline": self.pipeline.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        self.columns, self.kinds = state["columns"], state["kinds"]
        self.truth = state["truth"]
        self.pipeline.load_state_dict(state["pipeline"])

    def _told(self, frame: pl.DataFrame) -> Iterator[tuple[str, Floats]]:
        """Yield the training rows' values, and note which columns hold nothing but 0 and 1."""
        for name in self.columns:
            values = as_numbers(frame[name])
            self.truth.append(bool(((values == 0) | (values == 1) | np.isnan(values)).all()))
            yield name, values

    def _kind(self, frame: pl.DataFrame, name: str, origin: str) -> str:
        column = require_column(frame, name, origin, type(self).__name__)
        kind = kind_of(column.dtype)
        if kind in ("numbers", "dates", "times of day", "spans of time"):
            return kind
        wrong = no_numbers(column.drop_nulls())
        if len(wrong):
            steps = " and ".join(type(step).__name__ for step in self.pipeline.steps)
            raise UserError(
                f"{origin}: column '{name}' holds words, such as '{wrong[0]}', and "
                f"{steps or 'Numeric'} needs numbers: name it in Categorical."
            )
        return "numbers"


def _misfits(values: pl.Series, kind: str, truth: bool) -> pl.Series:
    if kind_of(values.dtype) == kind:
        return values.clear()
    return no_numbers(values, truth) if kind == "numbers" else values


def quantiles_of(values: Tensor, bins: int = 48) -> list[list[float]]:
    """Return increasing quantiles of each column, at least two, for a model's own embeddings.

    Args:
        values: (N, D) training rows as the model is given them.
        bins: at most as many intervals between the quantiles.
    """
    shares = np.linspace(0, 1, bins + 1)
    edges = [np.unique(np.quantile(column.double().numpy(), shares)) for column in values.T]
    return [e.tolist() if len(e) > 1 else [float(e[0]), float(e[0]) + 1.0] for e in edges]
