"""What rows before a row held, in the series that it belongs to: lags and rolling figures."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.errors import UserError
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.pipeline import Fill, Pipeline
from datamodules.features.series import SeriesRows
from datamodules.features.steps.quantile import Quantile
from datamodules.features.steps.step import Floats, Step
from datamodules.features.values import no_numbers, require_column

Aggregate = Literal["mean", "std", "min", "max", "sum", "median"]

CELLS = 1_000_000
"""Values of windows that are looked at in one go."""


class PastFeatures(ColumnFeatures):
    """Numbers from the rows before each row in its series.

    No row sees itself, or one of the same time. The fillings and scales are fitted on what training
    rows see of each other; after that a row sees all rows before it, whatever their part, as it
    would on the day. The last training rows of each series are kept, and rows of another source
    follow on from them, but for times that the source itself holds.

    Args:
        columns: of the table, the target among them where it is known of the past.
        time: the column that orders the rows of a series: dates, or numbers.
        by: the columns that tell series apart; if ``None``, all rows are one series.
        depth: how many rows are looked back.
        fill: what stands for a number where there is no past.
        indicators: whether rows without a past are marked.
        steps: what is done to the numbers, in order; if ``None``, ``Quantile``.

    Raises:
        UserError: if a column is named twice.
    """

    shared = True

    def __init__(
        self,
        columns: str | list[str],
        time: str,
        by: str | list[str] | None,
        depth: int,
        fill: Fill,
        indicators: bool,
        steps: list[Step] | None,
    ) -> None:
        super().__init__(columns)
        if not self.columns:
            raise UserError(f"{type(self).__name__} needs a column to look back at.")
        self.time = time
        self.by = by
        self.fill: Fill = fill
        self.indicators = indicators
        self.steps = steps
        series = [] if by is None else [by] if isinstance(by, str) else by
        self.rows = SeriesRows(self.columns, time, series, depth)
        self.pipeline = Pipeline(fill, indicators, [Quantile()] if steps is None else steps)

    @property
    def needs(self) -> list[str]:
        """The columns that new rows must have, those looked back at among them."""
        return list(dict.fromkeys([*self.columns, self.time, *self.rows.by]))

    @property
    def names(self) -> list[str]:
        """The name of each number made."""
        return self.pipeline.names

    def fit(self, frame: pl.DataFrame, origin: str) -> None:
        """Learn from what the training rows see of each other, and keep the last of each series.

        Raises:
            UserError: if a column holds no numbers, or the time cannot be ordered.
        """
        for name in self.columns:
            wrong = no_numbers(
                require_column(frame, name, origin, type(self).__name__).drop_nulls()
            )
            if len(wrong) and not wrong.dtype.is_temporal():
                raise UserError(
                    f"{origin}: column '{name}' holds words, such as '{wrong[0]}', and "
                    f"{type(self).__name__} needs numbers."
                )
        self.rows.begin(frame, origin)
        self.pipeline.fit(zip(self._made(), self._look_back(frame), strict=True), origin)
        self.rows.keep(frame)

    def numbers(self, frame: pl.DataFrame, origin: str) -> Iterator[Floats]:
        """Yield each number of all rows, (N,), then the indicators."""
        return self.pipeline(self._look_back(frame))

    def notes(self) -> list[str]:
        """Say which numbers no training row has, since no series goes back so far."""
        return [
            f"'{name}' is missing in every training row: no series goes back so far"
            for name in self.pipeline.empty
        ]

    def misfits(self, frame: pl.DataFrame) -> dict[str, tuple[str, pl.Series]]:
        """Return the values, by column, that are no numbers, or no times as in training."""
        wrong = {
            name: ("numbers", no_numbers(frame[name].drop_nulls()))
            for name in self.columns
            if name in frame.columns and not frame[name].dtype.is_temporal()
        }
        wrong[self.time] = (self.rows.kind, self.rows.untimely(frame[self.time]))
        return {name: found for name, found in wrong.items() if len(found[1])}

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {"rows": self.rows.state_dict(), "pipeline": self.pipeline.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        self.rows.load_state_dict(state["rows"])
        self.pipeline.load_state_dict(state["pipeline"])

    @abstractmethod
    def _made(self) -> list[str]:
        """Return the name of each number."""

    @abstractmethod
    def _look_back(self, frame: pl.DataFrame) -> Iterator[Floats]:
        """Yield each number of all rows, (N,) with NaN where there is no past."""


class Lags(PastFeatures):
    """The values of earlier rows in the series.

    No row sees itself, or one of the same time. What rows of another source follow on from is the
    last training rows of their series.

    Args:
        columns: of the table, the target among them where it is known of the past.
        time: the column that orders the rows of a series: dates, or numbers.
        by: the columns that tell series apart; if ``None``, all rows are one series.
        lags: how many rows back each value stands, from 1.
        fill: what stands for a value where there is no past: the ``median``, the ``mean`` or the
            ``most_frequent`` of the training rows, or a constant.
        indicators: whether rows without a past are marked.
        steps: what is done to the values, in order; if ``None``, ``Quantile``.

    Raises:
        UserError: if a lag is below 1, or a column is named twice.
    """

    def __init__(
        self,
        columns: str | list[str],
        time: str,
        by: str | list[str] | None = None,
        lags: int | list[int] = 1,
        fill: Fill = "median",
        indicators: bool = True,
        steps: list[Step] | None = None,
    ) -> None:
        self.lags = _counts(lags, "lag")
        super().__init__(columns, time, by, max(self.lags), fill, indicators, steps)

    def _made(self) -> list[str]:
        return [f"{name} lag {lag}" for name in self.columns for lag in self.lags]

    def _look_back(self, frame: pl.DataFrame) -> Iterator[Floats]:
        past = self.rows.past(frame)
        for name in self.columns:
            values = past.values(name)
            for lag in self.lags:
                place = past.before - lag
                found = np.where(place >= past.start, values[place.clip(0)], np.nan)
                yield past.as_given(found)


class Rolling(PastFeatures):
    """Figures of the last rows of the series before each row.

    No row stands in its own window, nor one of the same time. A window that reaches beyond the
    first row holds what there is; missing values in it do not count. ``std`` divides by one less
    than there are values.

    Args:
        columns: of the table, the target among them where it is known of the past.
        time: the column that orders the rows of a series: dates, or numbers.
        by: the columns that tell series apart; if ``None``, all rows are one series.
        windows: how many rows a window has.
        aggregates: figures of each window.
        fill: what stands for a figure where there is no past: the ``median``, the ``mean`` or the
            ``most_frequent`` of the training rows, or a constant.
        indicators: whether rows without a past are marked.
        steps: what is done to the figures, in order; if ``None``, ``Quantile``.

    Raises:
        UserError: if a window is below 1, or a column is named twice.
    """

    def __init__(
        self,
        columns: str | list[str],
        time: str,
        by: str | list[str] | None = None,
        windows: int | list[int] = 7,
        aggregates: list[Aggregate] | None = None,
        fill: Fill = "median",
        indicators: bool = True,
        steps: list[Step] | None = None,
    ) -> None:
        self.windows = _counts(windows, "window")
        if aggregates is not None and not aggregates:
            raise UserError("Rolling has an empty list of aggregates: name one, such as mean.")
        self.aggregates: list[Aggregate] = ["mean"] if aggregates is None else aggregates
        super().__init__(columns, time, by, max(self.windows), fill, indicators, steps)

    def _made(self) -> list[str]:
        return [
            f"{name} {aggregate} of {window}"
            for name in self.columns
            for window in self.windows
            for aggregate in self.aggregates
        ]

    def _look_back(self, frame: pl.DataFrame) -> Iterator[Floats]:
        past = self.rows.past(frame)
        for name in self.columns:
            values = past.values(name)
            for window in self.windows:
                figures = _aggregated(values, past.start, past.before, window, self.aggregates)
                yield from (past.as_given(figure) for figure in figures)


def _aggregated(
    values: Floats,
    start: NDArray[np.int64],
    before: NDArray[np.int64],
    window: int,
    aggregates: list[Aggregate],
) -> Floats:
    """Return figures of the windows that end at ``before``, (A, N)."""
    figures = np.full((len(aggregates), len(before)), np.nan)
    back = np.arange(window, 0, -1)
    rows = max(1, CELLS // window)
    for first in range(0, len(before), rows):
        part = slice(first, first + rows)
        places = before[part, None] - back  # (n, window)
        held = np.where(places >= start[part, None], values[places.clip(0)], np.nan)
        some = ~np.isnan(held).all(axis=1)
        for place, aggregate in enumerate(aggregates):
            figures[place, part][some] = _figure(held[some], aggregate)
    return figures


def _figure(held: Floats, aggregate: Aggregate) -> Floats:
    """Return a figure of each row, (n, window) -> (n,); each has a value that is not missing."""
    if aggregate == "std":
        squares = np.nansum((held - np.nanmean(held, axis=1)[:, None]) ** 2, axis=1)
        degrees = (~np.isnan(held)).sum(axis=1) - 1
        return np.asarray(np.where(degrees > 0, squares / np.maximum(degrees, 1), np.nan) ** 0.5)
    figures: dict[str, Callable[..., Floats]] = {
        "mean": np.nanmean,
        "min": np.nanmin,
        "max": np.nanmax,
        "sum": np.nansum,
        "median": np.nanmedian,
    }
    return np.asarray(figures[aggregate](held, axis=1))


def _counts(given: int | list[int], what: str) -> list[int]:
    counts = [given] if isinstance(given, int) else list(given)
    if not counts or min(counts) < 1:
        raise UserError(f"A {what} is a number of rows from 1 on, not {given}.")
    return counts
