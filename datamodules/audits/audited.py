"""Rows with their split, as audits look at them."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from datamodules.audits.finding import Example
from datamodules.cleaning.copies import input_columns
from datamodules.cleaning.step import Cleaned, TrainingRows
from datamodules.features.features import Features
from datamodules.features.text import TextFeatures
from datamodules.records import Records
from datamodules.spec import TargetSpec
from datamodules.splits.given import SplitFile, splitter_of
from datamodules.splits.split import NOWHERE, PARTS, Rows, Split
from datamodules.splits.splitter import Parts
from datamodules.supervised import SupervisedDataModule


@dataclass(frozen=True)
class Audited:
    """What audits look at.

    Attributes:
        records: every row of the source.
        split: which row stands in which part.
        target: the columns of the target.
        spec: what the training rows tell of the target.
        labels: (M, ...) the encoded target of the training rows.
        inputs: columns that the user lets a model see.
        features: fitted on the training rows.
        time: the column by which the split says that it orders rows.
        group: the column whose groups the split says that it keeps whole.
        cleaned: what cleaning did.
        folder: of the image files that the rows name, where they lie in one.
        seed: for samples.
    """

    records: Records
    split: Split
    target: list[str]
    spec: TargetSpec
    labels: Tensor
    inputs: list[str]
    features: Features
    time: str | None = None
    group: str | None = None
    cleaned: list[Cleaned] = field(default_factory=list)
    folder: Path | None = None
    seed: int = 0

    @classmethod
    def of(cls, datamodule: SupervisedDataModule, records: Records) -> "Audited":
        """Return what audits look at.

        Args:
            datamodule: has prepared the rows.
            records: the rows as it was given them.
        """
        trained, store, split = datamodule.trained, datamodule.store, datamodule.split
        assert trained is not None
        assert store is not None
        assert split is not None
        assert store.target is not None
        assert trained.spec.target is not None
        splitter: Any = datamodule.recipe.splitter_of(records)
        if isinstance(splitter, SplitFile) and splitter.table is not None:
            splitter = splitter_of(splitter.table)
        hidden = {*getattr(datamodule, "leave_out", []), *splitter.leave_out}
        inputs = [c for c in input_columns(records, trained.target) if c not in hidden]
        return cls(
            records=records,
            split=split,
            target=trained.target,
            spec=trained.spec.target,
            labels=store.target[torch.from_numpy(split.train)],
            inputs=inputs,
            features=trained.features,
            time=_column(splitter, "time", records.frame),
            group=_column(splitter, "group", records.frame),
            cleaned=datamodule.cleaned,
            folder=_folder(datamodule, records),
        )

    @property
    def text(self) -> str | None:
        """The column of text that a model learns from."""
        return self.features.text if isinstance(self.features, TextFeatures) else None

    @property
    def is_table(self) -> bool:
        """Whether a model learns from the columns of a table."""
        return self.records.images is None and self.text is None

    @cached_property
    def seen(self) -> list[str]:
        """The columns that a model is given: none of images, one of texts."""
        if self.records.images is not None:
            return []
        used = set(self.features.used)
        return [name for name in self.records.frame.columns if name in used]

    @cached_property
    def part(self) -> Parts:
        """The part of each row, (N,): 0 training, 1 validation, 2 test, -1 none."""
        return self.split.parts(len(self.records))

    @cached_property
    def train(self) -> pl.DataFrame:
        """The training rows of the columns that the user lets a model see."""
        return self.records.frame.select(self.inputs)[self.split.train]

    def part_of(self, row: int) -> str | None:
        """Return the name of a row's part."""
        place = int(self.part[row])
        return None if place == NOWHERE else PARTS[place]

    def example(
        self, row: int, column: str | None = None, value: Any = None, other: int | None = None
    ) -> Example:
        """Return a row as an example, with its part and what stands in the column."""
        if value is None and column is not None:
            value = self.records.frame[column][int(row)]
        beside = None if other is None else self.part_of(other)
        return Example(int(row), column, value, self.part_of(row), other, beside)

    def sample(self, most: int, rows: Rows | None = None) -> Rows:
        """Return places among the training rows, or some of ``rows``, in ascending order."""
        rows = np.arange(len(self.split.train)) if rows is None else rows
        if len(rows) <= most:
            return rows
        chosen = np.random.default_rng(self.seed).choice(len(rows), most, replace=False)
        return rows[np.sort(chosen)]

    def training(self, places: Rows) -> TrainingRows:
        """Return some training rows, by their places, as a cleaning step is given them."""
        rows = self.split.train[places]
        labels = self.labels[torch.from_numpy(places)]
        return TrainingRows(self.records, rows, labels, self.spec, self.inputs, self.text)


def _folder(datamodule: SupervisedDataModule, records: Records) -> Path | None:
    """Return the folder from which the paths of images go."""
    source = datamodule.source
    if records.images is None or records.names is None or not isinstance(source, str):
        return None
    folder = Path(source).expanduser()
    return folder if folder.is_dir() else None


def _column(splitter: Any, name: str, frame: pl.DataFrame) -> str | None:
    column = getattr(splitter, name, None)
    return column if isinstance(column, str) and column in frame.columns else None
