"""Numbers: missing values filled in and marked, then brought to one scale."""

from typing import Any, Literal

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from datamodules.features.column_types import kind_of

KNOTS = 256
"""Quantiles kept of each column: as exact as some thousand rows can tell."""

DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
"""Ticks of each unit of time in a day."""

Scaling = Literal["quantile", "standard"]
Floats = NDArray[np.float64]


class NumericFeatures:
    """Fill in the training median, mark what was missing, and scale.

    Infinite values count as missing; dates and times are counted in days. A column with missing
    values in training is followed, after all numbers, by an indicator column of 0 and 1.

    Args:
        scaling: ``quantile`` maps each column to normal scores through its training quantiles, so
            that no outlier can dominate; ``standard`` subtracts the training mean and divides by
            the training deviation.
    """

    def __init__(self, scaling: Scaling = "quantile") -> None:
        self.scaling: Scaling = scaling
        self.names: list[str] = []
        self.kinds: list[str | None] = []
        self.fill: list[float] = []
        self.marked: list[int] = []
        self.scales: list[tuple[list[float], list[float]]] = []

    def fit(self, frame: pl.DataFrame, names: list[str]) -> None:
        """Learn medians and scales from the training rows' columns ``names``."""
        self.names = names
        self.kinds = [kind_of(frame[name].dtype) for name in names]
        values = _numbers(frame, names)
        missing = np.isnan(values)
        self.marked = np.flatnonzero(missing.any(axis=0)).tolist()
        self.fill = [float(np.nanmedian(column)) for column in values.T]
        filled = np.where(missing, self.fill, values)
        self.scales = [self._scale(column) for column in filled.T]

    def __call__(self, frame: pl.DataFrame) -> Tensor:
        """Return the scaled columns and the indicators, (N, D) float32."""
        values = _numbers(frame, self.names)
        missing = np.isnan(values)
        columns = np.empty((len(values), self.width), dtype=np.float32)
        for place, (fill, (knots, scores)) in enumerate(zip(self.fill, self.scales, strict=True)):
            filled = np.where(missing[:, place], fill, values[:, place])
            if self.scaling == "standard":
                columns[:, place] = (filled - knots[0]) / scores[0]
            else:
                columns[:, place] = _interpolated(filled, np.array(knots), np.array(scores))
        columns[:, len(self.names) :] = missing[:, self.marked]
        return torch.from_numpy(columns)

    @property
    def width(self) -> int:
        """How many numbers a row has, indicators included."""
        return len(self.names) + len(self.marked)

    @property
    def columns(self) -> list[str]:
        """The name of each number."""
        return self.names + [f"{self.names[place]} is missing" for place in self.marked]

    def misfits(self, frame: pl.DataFrame) -> dict[str, pl.Series]:
        """Return the values, by column, that are not of the kind learnt from, such as words.

        Truth values pass as the numbers 0 and 1, and so does text that spells numbers.
        """
        pairs = zip(self.names, self.kinds, strict=True)
        wrong = {name: _misfits(frame[name].drop_nulls(), kind) for name, kind in pairs}
        return {name: values for name, values in wrong.items() if len(values)}

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return dict(vars(self))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        vars(self).update(state)

    def _scale(self, column: Floats) -> tuple[list[float], list[float]]:
        """Return (mean, deviation) or (quantiles, their normal scores)."""
        if self.scaling == "standard":
            # rounding gives equal numbers a deviation of nearly 0, by which nothing may be divided
            deviation = float(column.std()) if np.ptp(column) else 0.0
            return [float(column.mean())], [deviation or 1.0]
        shares = np.linspace(0, 1, min(KNOTS, len(column)))
        quantiles = np.quantile(column, shares)
        knots, place = np.unique(quantiles, return_inverse=True)
        # Tied quantiles share the mean of their ranks. The ends stay as far out as the most
        # extreme of n normal draws is expected to be, not at infinity.
        ranks = np.bincount(place, weights=shares) / np.bincount(place)
        ranks = ranks.clip(0.5 / len(column), 1 - 0.5 / len(column))
        scores: list[float] = torch.special.ndtri(torch.from_numpy(ranks)).tolist()
        return knots.tolist(), scores


def quantiles_of(values: Tensor, bins: int = 48) -> list[list[float]]:
    """Return increasing quantiles of each column, at least two, for a model's own embeddings.

    Args:
        values: (N, D) training rows as the model is given them.
        bins: at most as many intervals between the quantiles.
    """
    shares = np.linspace(0, 1, bins + 1)
    edges = [np.unique(np.quantile(column, shares)) for column in values.double().numpy().T]
    return [e.tolist() if len(e) > 1 else [float(e[0]), float(e[0]) + 1.0] for e in edges]


def _interpolated(values: Floats, knots: Floats, scores: Floats) -> Floats:
    """Return the scores of values, each within those of its neighbouring knots.

    Rounding may leave these by the last digit, and then a value would overtake the next knot.
    """
    below = np.searchsorted(knots, values, "right") - 1
    above = (below + 1).clip(max=len(knots) - 1)
    return np.interp(values, knots, scores).clip(scores[below.clip(0)], scores[above])


def _numbers(frame: pl.DataFrame, names: list[str]) -> Floats:
    """Return the columns as (N, D) floats; missing and infinite ones as NaN, dates as days."""
    columns = np.empty((len(frame), len(names)))
    for place, name in enumerate(names):
        columns[:, place] = _floats(frame[name])
    columns[np.isinf(columns)] = np.nan
    return columns


def _floats(column: pl.Series) -> Floats:
    if not column.dtype.is_temporal():
        return np.asarray(column.cast(pl.Float64).to_numpy())
    ticks = column.to_physical().cast(pl.Float64).to_numpy()
    # a time of day is kept in ns
    day = 1 if column.dtype == pl.Date else DAY[getattr(column.dtype, "time_unit", "ns")]
    return np.asarray(ticks / day)


def _misfits(values: pl.Series, kind: str | None) -> pl.Series:
    if kind_of(values.dtype) == kind:
        return values.clear()
    if kind == "numbers" and values.dtype in (pl.Boolean, pl.String):
        return values.filter(values.cast(pl.Float64, strict=False).is_null())
    return values
