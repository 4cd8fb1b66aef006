"""Rows that become others when all their numbers are rounded alike."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from datamodules.splits.split import Rows

DECIMALS = (4, 3, 2, 1, 0, -1, -2)
DIGITS = (4, 3, 2)
MOST = 3
"""Rows that may become the same one by rounding; more are what a coarse table has by itself."""
ROW, KEY = "\x00row", "\x00key"


@dataclass(frozen=True)
class Rounding:
    """Round numbers to so many decimals, or to so many significant digits.

    Attributes:
        places: how many; decimals below zero are tens and hundreds.
        significant: whether they are counted from the first digit.
        whole: whether columns of whole numbers are rounded too.
        half: to which side a half goes.
    """

    places: int
    significant: bool
    whole: bool
    half: str

    def of(self, column: str) -> pl.Expr:
        """Return a column rounded."""
        value = pl.col(column).cast(pl.Float64)
        if self.significant:
            power = (self.places - 1 - value.abs().log10().floor()).clip(-300, 300)
            return self._at(value, power)
        return self._at(value, pl.lit(float(self.places)))

    def _at(self, value: pl.Expr, power: pl.Expr) -> pl.Expr:
        # a power of ten that is a whole number divides without an error of its own
        up, down = pl.lit(10.0).pow(power.clip(0, None)), pl.lit(10.0).pow(-power.clip(None, 0))
        scaled = value * up / down
        # 0.285 * 100 is a little less than 28.5, and was meant as a half
        settled = scaled.round_sig_figs(15)
        return settled.round(0, mode=self.half) / up * down  # type: ignore[arg-type]


def meetings(frame: pl.DataFrame, numbers: list[str]) -> tuple[Rows, Rows]:
    """Return pairs of rows that become one another, and pairs that become the same third row.

    Args:
        frame: (N, columns); what is no number has to be equal.
        numbers: the columns that are rounded, all of them alike.

    Returns:
        (P, 2) row numbers: each a row, and one that it becomes by some rounding; and (M, 2), each
        two rows that a rounding makes equal, and which it changes both: these nearly meet.
    """
    none = np.empty((0, 2), dtype=np.int64)
    found = [_meeting(frame, numbers, rounding) for rounding in _roundings(frame, numbers)]
    meet, miss = (np.concatenate([none, *ends]) for ends in zip((none, none), *found, strict=True))
    return meet, miss


def _roundings(frame: pl.DataFrame, numbers: list[str]) -> Iterator[Rounding]:
    fractions = any(frame[name].dtype.is_float() for name in numbers)
    whole = any(frame[name].dtype.is_integer() for name in numbers)
    for half in ("half_to_even", "half_away_from_zero"):
        for places in DECIMALS:
            if fractions or (whole and places < 0):
                yield Rounding(places, significant=False, whole=True, half=half)
        for places in DIGITS:
            for both in (True, False) if fractions and whole else (True,):
                if numbers:
                    yield Rounding(places, significant=True, whole=both, half=half)


def _meeting(frame: pl.DataFrame, numbers: list[str], rounding: Rounding) -> tuple[Rows, ...]:
    rounded = [name for name in numbers if rounding.whole or not frame[name].dtype.is_integer()]
    changed = frame.with_columns(rounding.of(name).alias(name) for name in rounded)
    # polars divides by multiplying with one over the divisor, which errs in the last bit
    stays = pl.all_horizontal(
        ((changed[name] - frame[name]).abs() <= 1e-12 * frame[name].abs()).fill_null(True)
        for name in rounded
    )
    lines = pl.DataFrame(
        {
            ROW: pl.int_range(len(frame), dtype=pl.Int64, eager=True),
            KEY: changed.hash_rows(),
            "stays": frame.select(stays.alias(ROW))[ROW],
        }
    )
    becoming, round_ones = lines.filter(~pl.col("stays")), lines.filter("stays")
    alone = becoming.filter(pl.len().over(KEY) <= MOST)
    meet = alone.join(round_ones, on=KEY, suffix="_round")
    miss = alone.join(alone, on=KEY, suffix="_round").filter(pl.col(ROW) < pl.col(f"{ROW}_round"))
    return tuple(ends.select(ROW, f"{ROW}_round").to_numpy() for ends in (meet, miss))
