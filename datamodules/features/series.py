"""Rows in the order of time within their series, those of training before the rows of today."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.errors import UserError
from datamodules.features.column_types import kind_of
from datamodules.features.moments import DATES, as_moments, days, moment_kind
from datamodules.features.steps.step import Floats
from datamodules.features.values import as_numbers, as_text, no_numbers

Places = NDArray[np.int64]


class Past:
    """Where each row's past lies among all rows, ordered by series and time.

    Args:
        frame: all rows, the kept ones first.
        kept: how many of them are rows of training.
        series: (N,) text that tells the series apart.
        times: (N,) time of each row; those without one stand in no series.

    Attributes:
        start: (M,) where the series of each timed row begins, in order.
        before: (M,) how far its past reaches; there stands the first row of the same time.
    """

    def __init__(self, frame: pl.DataFrame, kept: int, series: pl.Series, times: Floats) -> None:
        self.frame = frame
        self.kept = kept
        timed = np.flatnonzero(~np.isnan(times))
        codes = series.cast(pl.Categorical).to_physical().to_numpy()[timed]
        order = np.lexsort((times[timed], codes))  # stable: the source's order among equal times
        self.order = timed[order]
        codes, times = codes[order], times[self.order]
        new_series = np.ones(len(order), dtype=bool)
        new_series[1:] = codes[1:] != codes[:-1]
        new_time = new_series.copy()
        new_time[1:] |= times[1:] != times[:-1]
        self.start = _last_true(new_series)
        self.before = _last_true(new_time)

    def values(self, name: str) -> Floats:
        """Return a column in the order of series and time, (M,)."""
        values = as_numbers(self.frame[name])[self.order]
        # a place before the first row is looked at, and then not used
        return values if len(values) else np.full(1, np.nan)

    def as_given(self, ordered: Floats) -> Floats:
        """Return values in the order of the rows that were given, without the kept ones: (N,)."""
        given = np.full(len(self.frame), np.nan)
        given[self.order] = ordered[: len(self.order)]
        return given[self.kept :]


class SeriesRows:
    """Order rows by series and time, after the last rows of training.

    Args:
        columns: what is looked back at.
        time: the column that orders the rows of a series.
        by: the columns that tell series apart.
        depth: how many rows of each series are kept.
    """

    def __init__(self, columns: list[str], time: str, by: list[str], depth: int) -> None:
        self.columns = columns
        self.time = time
        self.by = by
        self.depth = depth
        self.kind = DATES
        self.kept: dict[str, list[Any]] = {}

    def begin(self, frame: pl.DataFrame, origin: str) -> None:
        """Learn what orders the training rows, and forget all rows kept.

        Raises:
            UserError: if the time is neither a number nor a date.
        """
        self.kept = {}
        column = frame[self.time]
        kind = moment_kind(column) or kind_of(column.dtype)
        values = column.drop_nulls()
        if kind not in ("numbers", "dates", "times of day", "spans of time") and len(values):
            raise UserError(
                f"{origin}: column '{self.time}' cannot be the time that orders rows: it holds "
                f"neither dates nor numbers, but {values.to_list()[0]!r}."
            )
        self.kind = kind or DATES

    def keep(self, frame: pl.DataFrame) -> None:
        """Keep the last rows of each series."""
        series, times = self._series(frame), self._times(frame[self.time])
        past = Past(frame, 0, series, times)
        count = len(past.order)
        ends = np.append(np.unique(past.start)[1:], count)
        places = np.arange(count)
        # the end of the series that a place lies in
        end = ends[np.searchsorted(ends, places, "right")] if count else places
        last = past.order[places >= end - self.depth]
        self.kept = {
            "series": series.gather(last).to_list(),
            "times": times[last].tolist(),
            **{
                f"values of {name}": [
                    None if np.isnan(value) else float(value)
                    for value in as_numbers(frame[name].gather(last))
                ]
                for name in self.columns
            },
        }

    def past(self, frame: pl.DataFrame) -> Past:
        """Order the rows, after those kept whose series and time none of them has."""
        series, times = self._series(frame), self._times(frame[self.time])
        given = pl.DataFrame({name: self._values(frame, name) for name in self.columns})
        if not self.kept:
            return Past(given, 0, series, times)
        kept = pl.DataFrame(
            {
                "series": pl.Series(self.kept["series"], dtype=pl.String),
                "time": pl.Series(self.kept["times"], dtype=pl.Float64),
                **{
                    f"values of {name}": pl.Series(self.kept[f"values of {name}"], dtype=pl.Float64)
                    for name in self.columns
                },
            }
        )
        held = pl.DataFrame({"series": series, "time": times}).unique()
        kept = kept.join(held, on=["series", "time"], how="anti", maintain_order="left")
        rows = pl.concat(
            [kept.select(pl.col(f"values of {n}").alias(n) for n in self.columns), given]
        )
        return Past(
            rows,
            len(kept),
            pl.concat([kept["series"], series]),
            np.concatenate([kept["time"].to_numpy(), times]),
        )

    def untimely(self, column: pl.Series) -> pl.Series:
        """Return the values that are no times of the kind that training had."""
        values = column.drop_nulls()
        if self.kind in ("dates", "times of day"):
            return values.filter(as_moments(values, self.kind).is_null())
        return no_numbers(values) if kind_of(values.dtype) != self.kind else values.clear()

    def state_dict(self) -> dict[str, Any]:
        """Return the rows kept and what orders them, as plain values."""
        return {"kind": self.kind, "kept": self.kept}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        self.kind, self.kept = state["kind"], state["kept"]

    def _series(self, frame: pl.DataFrame) -> pl.Series:
        if not self.by:
            return pl.Series("series", [""], dtype=pl.String).new_from_index(0, len(frame))
        texts = [as_text(frame[name]).fill_null("") for name in self.by]
        return pl.select(pl.concat_str(texts, separator="\x1f").alias("series")).to_series()

    def _times(self, column: pl.Series) -> Floats:
        if self.kind in ("dates", "times of day"):
            return np.asarray(days(as_moments(column, self.kind)).fill_null(np.nan).to_numpy())
        return as_numbers(column)

    def _values(self, frame: pl.DataFrame, name: str) -> pl.Series:
        """Return a column as floats; of a target that is not known yet, nothing."""
        if name not in frame.columns:
            return pl.Series(name, [None] * len(frame), dtype=pl.Float64)
        return pl.Series(name, as_numbers(frame[name]), nan_to_null=True)


def _last_true(marks: NDArray[np.bool_]) -> Places:
    """Return for each place the last marked one up to it; the first is marked."""
    places = np.where(marks, np.arange(len(marks)), 0)
    return np.maximum.accumulate(places) if len(marks) else places
