"""Numbers, and to which digits they are rounded."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.splits.split import Rows

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

EQUAL = 2e-7
"""Share of a number that changes when it is kept in 32 bits."""
HALF = 0.5 + 1e-6


@dataclass(frozen=True)
class NumberColumns:
    """The numbers of N rows in D columns, gaps as zeros.

    Attributes:
        values: (N, D).
        deviation: (D,) of each column, 1 where all are equal.
    """

    values: Floats
    deviation: Floats

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "NumberColumns":
        """Take the columns of a frame."""
        values = np.column_stack([_column(column) for column in frame])
        deviation = np.nanstd(np.where(np.isnan(values).all(axis=0), 0.0, values), axis=0)
        return cls(np.nan_to_num(values), np.where(deviation > 0, deviation, 1.0))

    @property
    def scaled(self) -> Floats:
        """In units of the deviations: (N, D)."""
        scaled: Floats = self.values / self.deviation
        return scaled

    def units(self, pairs: Rows) -> Floats:
        """Return the finest powers of ten to which the one row may be rounded to give the other.

        Args:
            pairs: (P, 2) row numbers.

        Returns:
            (P, D), zero where two numbers are equal.
        """
        one, other = self.values[pairs[:, 0]], self.values[pairs[:, 1]]
        change = np.abs(one - other)
        changed = change > EQUAL * np.maximum(np.abs(one), np.abs(other))
        units = 10.0 ** np.ceil(np.log10(np.where(changed, change / HALF, 1.0)))
        return np.where(changed, units, 0.0)

    def repeated(self, pairs: Rows) -> Marks:
        """Return which numbers change as much as one in an earlier column does: (P, 2) -> (P, D).

        Such columns say the same, as a sum of one payment does, and are no second evidence.
        """
        change = np.abs(self.values[pairs[:, 0]] - self.values[pairs[:, 1]])
        order = np.argsort(change, axis=1, kind="stable")
        ordered = np.take_along_axis(change, order, axis=1)
        again = np.diff(ordered, axis=1, prepend=-1.0) <= EQUAL * ordered
        repeated = np.zeros(change.shape, dtype=bool)
        np.put_along_axis(repeated, order, again & (ordered > 0), axis=1)
        return repeated

    def whole(self, rows: Rows, units: Floats) -> Marks:
        """Return which rows are multiples of such units in all columns: (P,), (P, D) -> (P,)."""
        whole: Marks = np.all(_multiples(self.values[rows], units), axis=1)
        return whole

    def roundness(self, units: Floats) -> Floats:
        """Return how likely all numbers of a row are multiples of such units: (P, D) -> (P,).

        As likely as they are among all rows, were columns independent.
        """
        likely = np.ones(len(units))
        for column in range(units.shape[1]):
            values = self.values[:, column]
            kinds, which = np.unique(units[:, column], return_inverse=True)
            shares = [_multiples(values, np.full(len(values), unit)).mean() for unit in kinds]
            likely *= np.array(shares)[which] if len(kinds) else 1.0
        return likely

    def surprise(self, rows: Rows, units: Floats) -> Floats:
        """Return how few rows lie within half a unit, were columns independent: (P,) in nats."""
        half = units / 2 * (1 + 1e-6)
        surprise = np.zeros(len(rows))
        for column in range(units.shape[1]):
            ordered = np.sort(self.values[:, column])
            middle, reach = self.values[rows, column], half[:, column]
            reach = np.maximum(reach, EQUAL * np.abs(middle))
            above = np.searchsorted(ordered, middle + reach, side="right")
            below = np.searchsorted(ordered, middle - reach, side="left")
            surprise -= np.log(np.maximum(above - below, 1) / len(ordered))
        return surprise

    def changes(self, pairs: Rows) -> Floats:
        """Return the mean change of a number, in deviations: (P, 2) -> (P,)."""
        one, other = self.values[pairs[:, 0]], self.values[pairs[:, 1]]
        mean: Floats = (np.abs(one - other) / self.deviation).mean(axis=1)
        return mean


def _multiples(values: Floats, units: Floats) -> Marks:
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.abs(values - units * np.round(values / units))
    multiples: Marks = (units == 0) | (left <= EQUAL * np.abs(values))
    return multiples


def _column(column: pl.Series) -> Floats:
    # a number of 32 bits is meant as the shortest one that it is told by
    values = column.cast(pl.Float64)
    values = values.round_sig_figs(7) if column.dtype == pl.Float32 else values
    return values.fill_null(np.nan).to_numpy().copy()
