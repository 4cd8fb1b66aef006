"""Numbers: missing values filled in and marked, then brought to one scale."""

from typing import Any, Literal

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

KNOTS = 256
"""Quantiles kept of each column: as exact as some thousand rows can tell."""

Scaling = Literal["quantile", "standard"]
Floats = NDArray[np.float64]


class NumericFeatures:
    """Fill in the training median, mark what was missing, and scale.

    Infinite values count as missing. A column with missing values in training is followed, after
    all numbers, by an indicator column of 0 and 1.

    Args:
        scaling: ``quantile`` maps each column to normal scores through its training quantiles, so
            that no outlier can dominate; ``standard`` subtracts the training mean and divides by
            the training deviation.
    """

    def __init__(self, scaling: Scaling = "quantile") -> None:
        self.scaling: Scaling = scaling
        self.names: list[str] = []
        self.fill: list[float] = []
        self.marked: list[int] = []
        self.scales: list[tuple[list[float], list[float]]] = []

    def fit(self, frame: pl.DataFrame, names: list[str]) -> None:
        """Learn medians and scales from the training rows' columns ``names``."""
        self.names = names
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
                columns[:, place] = np.interp(filled, knots, scores)
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

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return dict(vars(self))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        vars(self).update(state)

    def _scale(self, column: Floats) -> tuple[list[float], list[float]]:
        """Return (mean, deviation) or (quantiles, their normal scores)."""
        if self.scaling == "standard":
            return [float(column.mean())], [float(column.std()) or 1.0]
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


def _numbers(frame: pl.DataFrame, names: list[str]) -> Floats:
    """Return the columns as (N, D) floats; missing and infinite ones as NaN, dates as days."""
    columns = np.empty((len(frame), len(names)))
    for place, name in enumerate(names):
        series = frame[name]
        if series.dtype.is_temporal():
            milliseconds = series.cast(pl.Datetime("ms")).cast(pl.Int64)
            columns[:, place] = milliseconds.cast(pl.Float64).to_numpy() / 86_400_000
        else:
            columns[:, place] = series.cast(pl.Float64).to_numpy()
    columns[np.isinf(columns)] = np.nan
    return columns
