"""Columns that say when a row was."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.audits.audited import Audited
from datamodules.cleaning.row_names import CALLED_TIME
from datamodules.features.moments import DATES, as_moments, moment_kind

Floats = NDArray[np.float64]

DATES_AS_NUMBERS = ("date", "timestamp", "datetime", "unixtime", "epoch")
COMES_AGAIN = ("day", "days", "week", "month", "quarter", "period", "hour")
"""Of a month, a week or a year, unless there are many."""
CALENDAR = 60


@dataclass(frozen=True)
class Clock:
    """A column that says when a row was.

    Attributes:
        name: of the column.
        times: (N,) increasing with time, NaN where it is not known.
        declared: whether the split says that it goes by it.
        dated: whether its values are dates, and not numbers that may be anything.
    """

    name: str
    times: Floats
    declared: bool
    dated: bool


def clocks_of(audited: Audited) -> list[Clock]:
    """Return the columns that say when a row was, the declared one first."""
    frame = audited.records.frame
    clocks = []
    for name in frame.columns:
        if name in audited.target:
            continue
        column, declared = frame[name], name == audited.time
        dated = moment_kind(column) == DATES
        if not dated and not declared and not _counts_time(column):
            continue
        times = as_moments(column, DATES).to_physical() if dated else column.to_physical()
        values = times.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
        if np.isfinite(values).any():
            clocks.append(Clock(name, values, declared, dated or _are_stamps(name)))
    return sorted(clocks, key=lambda clock: not clock.declared)


def later(first: Floats, second: Floats) -> float:
    """Return how often a value of ``second`` is larger than one of ``first``, ties by half.

    The statistic of Mann and Whitney (1947), as a share.
    """
    ordered = np.sort(first)
    below = np.searchsorted(ordered, second, "left") + np.searchsorted(ordered, second, "right")
    return float(below.mean()) / (2 * len(first))


def _are_stamps(name: str) -> bool:
    """Tell whether numbers are moments by their name, and not, say, hours of a day."""
    named = CALLED_TIME.search(name)
    return named is not None and named.group(2).lower() in DATES_AS_NUMBERS


def apart(first: Floats, second: Floats) -> float:
    """Return the largest difference of two shares up to any value (Kolmogorov and Smirnov)."""
    places = np.concatenate([first, second])
    shares = [
        np.searchsorted(np.sort(each), places, "right") / len(each) for each in (first, second)
    ]
    return float(np.abs(shares[0] - shares[1]).max())


def _counts_time(column: pl.Series) -> bool:
    """Tell whether numbers are times by the column's name, and years by their values too."""
    if not column.dtype.is_numeric() or not (named := CALLED_TIME.search(column.name)):
        return False
    known = column.drop_nulls()
    if not len(known) or known.n_unique() < 3:
        return False
    word = named.group(2).lower()
    if word in ("year", "yr"):
        return bool(known.is_between(1000, 2200).all())
    return word not in COMES_AGAIN or known.n_unique() > CALENDAR


def times_of_parts(audited: Audited, clock: Clock) -> list[tuple[int, int, Floats, Floats]]:
    """Return the pairs of parts that have an order, with their known times."""
    pairs = []
    for before, after in ((0, 2), (0, 1), (1, 2)):
        first, second = (clock.times[audited.split[place]] for place in (before, after))
        first, second = first[np.isfinite(first)], second[np.isfinite(second)]
        if len(first) and len(second):
            pairs.append((before, after, first, second))
    return pairs


def in_order(audited: Audited, clock: Clock) -> bool:
    """Tell whether no row comes before one of an earlier part."""
    pairs = times_of_parts(audited, clock)
    return bool(pairs) and all(
        first.max() <= second.min() and first.min() < second.max() for _, _, first, second in pairs
    )


def is_by_time(audited: Audited) -> bool:
    """Tell whether what comes last is held out."""
    return any(in_order(audited, clock) for clock in clocks_of(audited))
