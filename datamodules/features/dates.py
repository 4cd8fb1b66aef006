"""Dates and times as numbers: how long ago, and where in the year, the week and the day."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import polars as pl

from datamodules.errors import UserError
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.moments import DATES, TIMES, as_moments, days, moment_kind
from datamodules.features.pipeline import Pipeline
from datamodules.features.steps.quantile import Quantile
from datamodules.features.steps.step import Floats, Step

Part = Literal[
    "elapsed_days", "year", "month", "day", "day_of_year", "weekday", "weekend", "hour", "minute"
]
Cycle = Literal["month", "day", "day_of_year", "weekday", "hour", "minute"]

PARTS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "elapsed_days": days,
    "year": lambda moments: moments.dt.year(),
    "month": lambda moments: moments.dt.month(),
    "day": lambda moments: moments.dt.day(),
    "day_of_year": lambda moments: moments.dt.ordinal_day(),
    "weekday": lambda moments: moments.dt.weekday(),
    "weekend": lambda moments: moments.dt.weekday() > 5,
    "hour": lambda moments: moments.dt.hour(),
    "minute": lambda moments: moments.dt.minute(),
}
ROUND = {"month": 12, "day": 31, "day_of_year": 365.25, "weekday": 7, "hour": 24, "minute": 60}
"""How many of its unit each cycle has."""

OF_A_DAY = ("elapsed_days", "hour", "minute")
"""What a time of day has too."""

SPAN = {"day_of_year": 365, "weekday": 7, "hour": 1}
"""Cycles that are picked where training spans them, with their length in days."""


class Dates(ColumnFeatures):
    """Parts of dates, of dates with times and of times of day, and text in the form of ISO 8601.

    Sine and cosine stand for a part that comes round, so that December is beside January. A column
    with missing values in training is followed by an indicator of 0 and 1; a missing date has the
    median of each part, and 0 for sines and cosines.

    Args:
        columns: of the table.
        parts: parts as numbers; ``elapsed_days`` are days since 1970, weekdays count from Monday as
            1, ``weekend`` is 0 or 1. If ``None``, ``elapsed_days``.
        cycles: parts as sine and cosine; if ``None``, those of the year, the week and the day of
            which the training rows span a whole round.
        steps: what is done to the parts, but for ``weekend``, in order; if ``None``, ``Quantile``.

    Raises:
        UserError: if a column is named twice, or neither a part nor a cycle.
    """

    def __init__(
        self,
        columns: str | list[str],
        parts: list[Part] | None = None,
        cycles: list[Cycle] | None = None,
        steps: list[Step] | None = None,
    ) -> None:
        super().__init__(columns)
        if parts is not None and cycles is not None and not [*parts, *cycles]:
            raise UserError("Dates needs a part or a cycle, but both lists are empty.")
        self.parts = parts
        self.cycles = cycles
        self.steps = steps
        self.pipeline = Pipeline("median", False, [Quantile()] if steps is None else steps)
        self.kinds: list[str] = []
        self.rounds: list[list[str]] = []
        self.marked: list[int] = []

    @property
    def names(self) -> list[str]:
        """The name of each number made."""
        waves = [
            f"{column} {wave} of {cycle.replace('_', ' ')}"
            for column, cycles in zip(self.columns, self.rounds, strict=True)
            for cycle in cycles
            for wave in ("sine", "cosine")
        ]
        marks = [f"{self.columns[place]} is missing" for place in self.marked]
        weekends = [f"{column} weekend" for column in self.columns if self._weekend]
        return [*self.pipeline.names, *weekends, *waves, *marks]

    def fit(self, frame: pl.DataFrame, origin: str) -> None:
        """Learn fillings, scales and cycles from the training rows.

        Raises:
            UserError: if a column holds neither dates nor times, or has no such part.
        """
        self.kinds = [self._kind(frame[name], origin) for name in self.columns]
        self.rounds, self.marked = [], []
        for place, moments in enumerate(self._moments(frame)):
            self.rounds.append(_spanned(moments) if self.cycles is None else list(self.cycles))
            if moments.null_count():
                self.marked.append(place)
        self.pipeline.fit(self._scaled(frame), origin)

    def numbers(self, frame: pl.DataFrame, origin: str) -> Iterator[Floats]:
        """Yield each number of all rows, (N,): parts, weekends, sines and cosines, indicators."""
        yield from self.pipeline(values for _, values in self._scaled(frame))
        if self._weekend:
            for moments in self._moments(frame):
                yield np.nan_to_num(_floats(PARTS["weekend"](moments)))
        for moments, cycles in zip(self._moments(frame), self.rounds, strict=True):
            for cycle in cycles:
                angle = 2 * np.pi * _floats(_turned(moments, cycle)) / ROUND[cycle]
                yield np.nan_to_num(np.sin(angle))
                yield np.nan_to_num(np.cos(angle))
        for place, moments in enumerate(self._moments(frame)):
            if place in self.marked:
                yield moments.is_null().to_numpy().astype(np.float64)

    def misfits(self, frame: pl.DataFrame) -> dict[str, tuple[str, pl.Series]]:
        """Return the values, by column, that are neither dates nor times as in training."""
        wrong = {}
        for name, kind in zip(self.columns, self.kinds, strict=True):
            values = frame[name].drop_nulls()
            unread = values.filter(as_moments(values, kind).is_null())
            if len(unread):
                wrong[name] = (kind, unread)
        return wrong

    def notes(self) -> list[str]:
        """Say what was picked for the dates."""
        if self.parts is not None and self.cycles is not None:
            return []
        told: dict[str, list[str]] = {}
        for column, cycles in zip(self.columns, self.rounds, strict=True):
            rounds = [f"sine and cosine of {cycle.replace('_', ' ')}" for cycle in cycles]
            made = [part.replace("_", " ") for part in self._parts] + rounds
            told.setdefault(", ".join(made), []).append(f"'{column}'")
        return [f"dates {', '.join(columns)}: {made}" for made, columns in told.items()]

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        learnt = {name: getattr(self, name) for name in ("columns", "kinds", "rounds", "marked")}
        return {**learnt, "pipeline": self.pipeline.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        vars(self).update({name: value for name, value in state.items() if name != "pipeline"})
        self.pipeline.load_state_dict(state["pipeline"])

    @property
    def _parts(self) -> list[Part]:
        return ["elapsed_days"] if self.parts is None else self.parts

    @property
    def _weekend(self) -> bool:
        return "weekend" in self._parts

    def _moments(self, frame: pl.DataFrame) -> Iterator[pl.Series]:
        pairs = zip(self.columns, self.kinds, strict=True)
        yield from (as_moments(frame[name], kind) for name, kind in pairs)

    def _scaled(self, frame: pl.DataFrame) -> Iterator[tuple[str, Floats]]:
        for moments in self._moments(frame):
            for part in self._parts:
                if part != "weekend":
                    name = f"{moments.name} {part.replace('_', ' ')}"
                    yield name, _floats(PARTS[part](moments))

    def _kind(self, column: pl.Series, origin: str) -> str:
        kind = moment_kind(column)
        values = column.drop_nulls()
        if kind is None and len(values):
            unread = values
            if values.dtype == pl.String:
                unread = values.filter(as_moments(values, DATES).is_null())
            raise UserError(
                f"{origin}: column '{column.name}' does not hold dates or times such as "
                f"2020-01-31, 2020-01-31 12:00 or 12:00, but {unread.to_list()[0]!r}."
            )
        if kind == TIMES:
            wrong = [part for part in [*self._parts, *(self.cycles or [])] if part not in OF_A_DAY]
            if wrong:
                raise UserError(
                    f"{origin}: column '{column.name}' holds times of day, which have no "
                    f"{wrong[0]}: only {', '.join(OF_A_DAY)}."
                )
        return kind or DATES


def _spanned(moments: pl.Series) -> list[str]:
    """Return the cycles that training spans and in which its rows differ."""
    values = moments.drop_nulls()
    found = days(values).to_numpy()
    if not len(found):
        return []
    if moments.dtype == pl.Time:
        return ["hour"] if np.ptp(found) else []
    length = float(np.ptp(found))
    return [
        cycle
        for cycle, span in SPAN.items()
        if length >= span and _turned(values, cycle).n_unique() > 1
    ]


def _turned(moments: pl.Series, cycle: str) -> pl.Series:
    """Return how far each moment is in its cycle, from 0, in the cycle's unit."""
    if cycle == "hour":
        return moments.dt.hour() + moments.dt.minute() / 60 + moments.dt.second() / 3600
    value = PARTS[cycle](moments)
    return value if cycle == "minute" else value.cast(pl.Int64) - 1


def _floats(values: pl.Series) -> Floats:
    return np.asarray(values.cast(pl.Float64).fill_null(float("nan")).to_numpy())
