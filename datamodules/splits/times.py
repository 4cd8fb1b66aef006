"""Rows in the order of a column of times, and how much time lies between parts."""

import re
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.errors import UserError, unknown
from datamodules.splits.splitter import Undivided

Gap = int | float | str
Times = NDArray[Any]
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
UNITS = {"ms": 1e3, "us": 1e6, "ns": 1e9}


def times_of(undivided: Undivided, name: str, setting: str = "time") -> pl.Series:
    """Return each row's time: (M,).

    Raises:
        UserError: there is no such column, it has no order, or a time is missing.
    """
    if name not in undivided.frame.columns:
        raise unknown(f"column for --data.split.{setting}", name, undivided.frame.columns)
    column = undivided.frame[name][undivided.rows]
    if not (column.dtype.is_temporal() or column.dtype.is_numeric()):
        found = column.drop_nulls().head(1).to_list()
        such = f", such as '{found[0]}'" if found else ""
        raise UserError(
            f"--data.split.{setting}: '{name}' holds neither dates nor numbers, but "
            f"{column.dtype}{such}: write dates as 2024-12-31."
        )
    missing = column.is_null() | (column.is_nan() if column.dtype.is_float() else False)
    if missing.any():
        first = int(undivided.rows[missing.to_numpy()][0])
        raise UserError(
            f"--data.split.{setting}: '{name}' is missing in {int(missing.sum())} rows (first: row "
            f"{first + 1}), which have no place before or after the others."
        )
    return column


def gap_in(times: pl.Series, gap: Gap) -> float:
    """Return a gap in the units that the times are counted in.

    Args:
        times: numbers, dates or times.
        gap: a number, of days where times are dates; or a text such as ``7d`` or ``12h``.

    Raises:
        UserError: it is negative, or no length of time.
    """
    text = str(gap).strip()
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw]?)", text)
    dated = times.dtype.is_temporal()
    if found is None or (found[2] and not dated):
        wanted = "a length of time such as 7d, 12h or 30m" if dated else "a number, as the times"
        raise UserError(f"--data.split.gap: '{text}' is not {wanted}.")
    length = float(found[1])
    if not dated:
        return length
    days = length * SECONDS[found[2] or "d"] / SECONDS["d"]
    if times.dtype == pl.Date:
        return days
    unit = "ns" if times.dtype == pl.Time else times.dtype.time_unit  # type: ignore[attr-defined]
    return days * SECONDS["d"] * UNITS[unit]


def counted(times: pl.Series) -> Times:
    """Return times as numbers that keep their order: (M,)."""
    numbers: Times = times.to_physical().to_numpy()
    return numbers


def boundary(ordered: Times, place: int) -> int:
    """Return the nearest place that cuts no run of equal times in two."""
    if place in (0, len(ordered)) or ordered[place] != ordered[place - 1]:
        return place
    low = int(np.searchsorted(ordered, ordered[place], "left"))
    high = int(np.searchsorted(ordered, ordered[place], "right"))
    return low if place - low <= high - place else high


def boundary_before(ordered: Times, place: int, end: int) -> int:
    """Return the nearest such place that leaves rows before another, ``end``, if there are any."""
    found = boundary(ordered, place)
    if found < end or end == 0:
        return found
    return int(np.searchsorted(ordered, ordered[end - 1], "left"))
