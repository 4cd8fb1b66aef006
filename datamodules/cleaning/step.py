"""What a cleaning step is, and what it says that it did."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from datamodules.records import Records
from datamodules.spec import TargetSpec
from datamodules.splits.split import Rows


@dataclass(frozen=True)
class Cleaned:
    """What a step found and did.

    Attributes:
        step: the name of its class.
        note: one sentence for a person, with the count; empty where nothing was found.
        rows: (M,) row numbers in the source that it found, in ascending order.
        drop: those of them that are left out, from training alone if the step is a
            :class:`TrainingStep`.
        table: what there is to know of each row found, with its number in ``row``.
    """

    step: str
    note: str = ""
    rows: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    drop: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    table: pl.DataFrame | None = None


@dataclass(frozen=True)
class TrainingRows:
    """The rows that a step may learn from.

    Attributes:
        records: every row of the source; only ``rows`` of it may be looked at.
        rows: (M,) row numbers of the training rows, in ascending order.
        target: (M, ...) their target, as :class:`~datamodules.spec.TargetSpec` says.
        spec: what the target means.
        columns: the columns that a model may see, without the target and what is left out.
        text: the column of text to learn from, where there is one.
    """

    records: Records
    rows: Rows
    target: Tensor
    spec: TargetSpec
    columns: list[str]
    text: str | None = None

    @property
    def frame(self) -> pl.DataFrame:
        """The training rows' columns that a model may see."""
        frame = self.records.frame.select(self.columns)
        return frame[self.rows] if frame.columns else frame  # of images there is none

    def without(self, dropped: Rows) -> "TrainingRows":
        """Return all but some of the rows."""
        kept = ~np.isin(self.rows, dropped)
        return replace(self, rows=self.rows[kept], target=self.target[torch.from_numpy(kept)])

    def applied(self, step: "TrainingStep") -> "TrainingRows":
        """Return the rows as a fitted step gives them."""
        return replace(self, records=step.apply(self.records))


class CleaningStep:
    """Something that is done to rows before a model sees them; each says what it did."""

    @property
    def name(self) -> str:
        """What the step is called in reports and configs."""
        return type(self).__name__


class RowStep(CleaningStep, ABC):
    """Before the split: what one row, or its exact copy, can tell. Nothing is fitted."""

    @abstractmethod
    def __call__(self, records: Records, rows: Rows, target: list[str]) -> Cleaned:
        """Find rows.

        Args:
            records: every row of the source.
            rows: (M,) row numbers that are still used, in ascending order.
            target: the columns of the target; ``leave_out`` of the records and these are no inputs.
        """


class TrainingStep(CleaningStep, ABC):
    """After the split: fitted on training rows alone.

    It never drops a row of validation or test. What it learnt is plain values, which travel in the
    checkpoint.
    """

    @abstractmethod
    def fit(self, training: TrainingRows) -> Cleaned:
        """Learn from the training rows, and find some among them."""

    def apply(self, records: Records) -> Records:
        """Return rows as every part is given them, at prediction time too; unchanged by default."""
        return records

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
