"""Columns of numbers: gaps filled in and marked, then taken through steps."""

from collections.abc import Iterable, Iterator
from itertools import dropwhile, takewhile
from typing import Any, Literal

import numpy as np

from datamodules.errors import UserError
from datamodules.features.steps.step import Floats, JointStep, Learnt, Step, unit_of

Fill = Literal["median", "mean", "most_frequent"] | float


class Pipeline:
    """Fill in what is missing, mark it, and take each column through steps.

    Columns are handed over one at a time, so that no table of floats is ever held whole, unless a
    step needs all columns at once. After the columns follows an indicator of 0 and 1 for each that
    has gaps in training.

    Args:
        fill: what stands for a missing number: a figure of the training rows, or a constant.
        indicators: whether gaps are marked.
        steps: what is done to the filled columns, in order.

    Attributes:
        empty: the columns that had no value in the training rows, for a note.
    """

    def __init__(self, fill: Fill, indicators: bool, steps: list[Step]) -> None:
        self.fill: Fill = fill
        self.indicators = indicators
        self.steps = steps
        self.columns: list[str] = []
        self.made: list[str] = []
        self.fills: list[float] = []
        self.marked: list[int] = []
        self.learnt: list[list[Learnt]] = []
        self.empty: list[str] = []

    @property
    def names(self) -> list[str]:
        """The name of each number that a row has in the end."""
        return self.made + [f"{self.columns[place]} is missing" for place in self.marked]

    def fit(self, columns: Iterable[tuple[str, Floats]], origin: str) -> None:
        """Learn from training rows.

        Args:
            columns: each column's name and its values, (N,) with NaN where one is missing.
            origin: where the rows came from, for messages.

        Raises:
            UserError: a column cannot go through a step.
        """
        self.columns, self.fills, self.marked, self.learnt = [], [], [], []
        self.empty = []
        kept = []
        for place, (name, values) in enumerate(columns):
            self.columns.append(name)
            missing = np.isnan(values)
            if self.indicators and missing.any():
                self.marked.append(place)
            if missing.all():
                self.empty.append(name)
            self.fills.append(self._filling(values[~missing]))
            filled = np.where(missing, self.fills[-1], values)
            filled = self._learn_alone(filled, f"{origin}: column '{name}'")
            if self._joint:
                kept.append(filled)
        self.made = list(self.columns)
        if kept:
            self._learn_jointly(np.stack(kept, axis=1), origin)

    def __call__(self, columns: Iterable[Floats]) -> Iterator[Floats]:
        """Yield the columns of any rows, (N,) each, then their indicators.

        Args:
            columns: values in the order of training, with NaN where one is missing.
        """
        marks, kept = [], []
        for place, values in enumerate(columns):
            missing = np.isnan(values)
            if place in self.marked:
                marks.append(missing)
            filled = np.where(missing, self.fills[place], values)
            for step, learnt in zip(self._alone, self.learnt[place], strict=True):
                filled = step.apply(filled, learnt)
            if self._joint:
                kept.append(filled)
            else:
                yield filled
        if kept:
            yield from self._apply_jointly(np.stack(kept, axis=1)).T
        yield from (mark.astype(np.float64) for mark in marks)

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {
            name: getattr(self, name) for name in ("columns", "made", "fills", "marked", "learnt")
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        vars(self).update(state)

    @property
    def _alone(self) -> list[Step]:
        """The steps that take one column at a time, up to the first that needs all."""
        return list(takewhile(_is_alone, self.steps))

    @property
    def _joint(self) -> list[Step]:
        return list(dropwhile(_is_alone, self.steps))

    def _filling(self, values: Floats) -> float:
        if not isinstance(self.fill, str):
            return float(self.fill)
        if not len(values):  # nothing was ever seen, and so nothing can be missed
            return 0.0
        if self.fill == "median":
            return float(np.median(values))
        if self.fill == "mean":
            unit = unit_of(values)
            return float(np.mean(values / unit)) * unit
        different, counts = np.unique(values, return_counts=True)
        return float(different[counts.argmax()])

    def _learn_alone(self, values: Floats, column: str) -> Floats:
        learnt: list[Learnt] = []
        self.learnt.append(learnt)
        needed = len(self.steps) - 1  # nobody asks what the last step makes of training rows
        for place, step in enumerate(self._alone):
            try:
                learnt.append(step.learn(values))
            except UserError as error:
                raise UserError(f"{column}: {error}.") from error
            if place < needed:
                values = step.apply(values, learnt[-1])
        return values

    def _learn_jointly(self, values: Floats, origin: str) -> None:
        for step in self._joint:
            try:
                if isinstance(step, JointStep):
                    self.learnt.append([step.learn(values)])
                    self.made = step.names(self.learnt[-1][0])
                else:
                    self.learnt.append([step.learn(column) for column in values.T])
            except UserError as error:
                raise UserError(f"{origin}: {error}.".replace("..", ".")) from error
            values = _applied(step, values, self.learnt[-1])

    def _apply_jointly(self, values: Floats) -> Floats:
        for step, learnt in zip(self._joint, self.learnt[len(self.columns) :], strict=True):
            values = _applied(step, values, learnt)
        return values


def _is_alone(step: Step) -> bool:
    return not isinstance(step, JointStep)


def _applied(step: Step, values: Floats, learnt: list[Learnt]) -> Floats:
    if isinstance(step, JointStep):
        return step.apply(values, learnt[0])
    pairs = zip(values.T, learnt, strict=True)
    return np.stack([step.apply(column, each) for column, each in pairs], axis=1)
