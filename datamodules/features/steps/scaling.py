"""Shifting, dividing and limiting: each column by two of its training figures.

Each equals the class of scikit-learn that its docstring names.
"""

import numpy as np

from datamodules.errors import UserError
from datamodules.features.steps.step import FARTHEST, Floats, Learnt, Step, unit_of


class Standard(Step):
    """Subtract the training mean and divide by the training deviation, as StandardScaler."""

    def learn(self, values: Floats) -> Learnt:
        """Learn mean and deviation; a constant column is divided by 1."""
        # rounding gives equal numbers another mean and a deviation of nearly 0
        if not np.ptp(values):
            return {"shift": float(values[0]), "scale": 1.0}
        unit = unit_of(values)
        values = values / unit
        deviation = float(values.std()) * unit
        return {"shift": float(values.mean()) * unit, "scale": deviation or 1.0}

    def apply(self, values: Floats, learnt: Learnt) -> Floats:
        """Shift and divide."""
        return _divided(values, learnt["shift"], learnt["scale"])


class MinMax(Step):
    """Map the training range onto [low, high], as MinMaxScaler; later rows may lie beyond it.

    Args:
        low: what the least training value becomes.
        high: what the greatest training value becomes.

    Raises:
        UserError: if ``low`` is not below ``high``.
    """

    def __init__(self, low: float = 0.0, high: float = 1.0) -> None:
        if low >= high:
            raise UserError(f"MinMax needs low below high, not {low} and {high}.")
        self.low = low
        self.high = high

    def learn(self, values: Floats) -> Learnt:
        """Learn the range; a constant column is divided by 1."""
        return {"least": float(values.min()), "scale": float(np.ptp(values)) or 1.0}

    def apply(self, values: Floats, learnt: Learnt) -> Floats:
        """Shift and divide."""
        shares = _divided(values, learnt["least"], learnt["scale"])
        return shares * (self.high - self.low) + self.low


class Robust(Step):
    """Subtract the training median and divide by the spread of its middle, as RobustScaler.

    Args:
        lower: where the middle begins, in percent of the training rows.
        upper: where it ends; 25 and 75 give the interquartile range.

    Raises:
        UserError: if the two are no increasing percentages.
    """

    def __init__(self, lower: float = 25.0, upper: float = 75.0) -> None:
        if not 0 <= lower < upper <= 100:
            raise UserError(
                f"Robust needs two increasing percentages for lower and upper, not {lower} and "
                f"{upper}."
            )
        self.lower = lower
        self.upper = upper

    def learn(self, values: Floats) -> Learnt:
        """Learn median and spread; a column whose middle is constant is divided by 1."""
        low, high = np.percentile(values, [self.lower, self.upper])
        return {"shift": float(np.median(values)), "scale": float(high - low) or 1.0}

    def apply(self, values: Floats, learnt: Learnt) -> Floats:
        """Shift and divide."""
        return _divided(values, learnt["shift"], learnt["scale"])


class Clip(Step):
    """Bring outliers to the fences: quartiles less and plus some interquartile ranges.

    Tukey 1977, 'Exploratory data analysis'. A column whose middle half is one value has no fences
    but its training range.

    Args:
        ranges: interquartile ranges from the quartile to the fence.

    Raises:
        UserError: if ``ranges`` is negative.
    """

    def __init__(self, ranges: float = 1.5) -> None:
        if ranges < 0:
            raise UserError(f"Clip cannot put fences {ranges} interquartile ranges away.")
        self.ranges = ranges

    def learn(self, values: Floats) -> Learnt:
        """Learn the fences."""
        low, high = np.percentile(values, [25, 75])
        away = self.ranges * (high - low)
        if not away:
            return {"low": float(values.min()), "high": float(values.max())}
        return {"low": float(low - away), "high": float(high + away)}

    def apply(self, values: Floats, learnt: Learnt) -> Floats:
        """Limit the values."""
        return values.clip(learnt["low"], learnt["high"])


def _divided(values: Floats, shift: float, scale: float) -> Floats:
    with np.errstate(over="ignore"):  # a number divided by nearly nothing
        divided = (values - shift) / scale
    return divided.clip(-FARTHEST, FARTHEST)
