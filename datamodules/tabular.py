"""Tables: files, databases, web APIs, log files, or a named sample."""

import inspect
from collections.abc import Sequence

from torch import nn

from datamodules.cleaning.copies import input_columns
from datamodules.cleaning.step import CleaningStep
from datamodules.features.categorical import Categorical
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.numeric import Numeric
from datamodules.features.past import PastFeatures
from datamodules.features.pipeline import Fill
from datamodules.features.steps.named import Scaling, scaled
from datamodules.features.table import TableFeatures
from datamodules.hyperparameters import save_plain_hyperparameters
from datamodules.records import Records
from datamodules.samplers.sampler import RowSampler
from datamodules.sources.reader import Reader
from datamodules.sources.schema import ColumnKind
from datamodules.sources.tables import read_table
from datamodules.splits.splitter import Splitter
from datamodules.splits.stratified import StratifiedSplit
from datamodules.supervised import SupervisedDataModule
from datamodules.targets.pick import check_columns
from datamodules.targets.target import Task


class TabularDataModule(SupervisedDataModule):
    """Rows of numbers, categories and dates.

    Numbers are scaled and their missing values filled in and marked; categories become whole
    numbers with a place for what training never saw; of dates it takes how long ago they are, and
    where in the year, the week and the day. All of it is fitted on training rows.

    Args:
        source: ``sample:NAME``; a CSV, TSV, JSON, JSON lines, Parquet or log file; a pattern such
            as ``data/*.csv``; a URL of a database, an API or a file; or a list of them.
        target: the column to predict, or several; may be left out where a sample knows it.
        task: what the target is, where its values do not tell.
        separator: what stands between the labels of a cell, for a multi-label target.
        leave_out: columns that the model must not see, such as identifiers.
        categories: columns of numbers that are names, such as codes.
        scaling: ``quantile`` maps numbers to normal scores; ``standard``, ``minmax`` and ``robust``
            shift and divide by mean and deviation, by the range, by median and quartiles.
        imputation: what stands for a missing number: the ``median``, the ``mean`` or the
            ``most_frequent`` of the training rows, or a constant.
        min_count: training rows below which a category counts as rare.
        features: what is made of some columns, where it is not what the type says; the settings
            above are for all other columns.
        cleaning: steps, in their order; by default rows that stand twice are told of.
        split: how rows are divided; 70, 15 and 15 % by default, stratified.
        batch_size: rows in a batch, on each device; if ``None``, 256 over all devices, fewer where
            there are few.
        augment: applied to training batches, in order.
        workers: loader processes; rows in memory need none.
        query: which rows of a database, in its own language, or the name of a table.
        reader: how a source is read whose form does not tell enough.
        schema: the types of columns, such as ``{zip: category}``; others are inferred.
        sampler: which training rows an epoch has: ``ClassBalanced``, or ``Weighted`` by a column;
            by default each, once.
    """

    def __init__(
        self,
        source: str | list[str],
        target: str | list[str] | None = None,
        task: Task | None = None,
        separator: str | None = None,
        leave_out: str | Sequence[str] = (),
        categories: str | Sequence[str] = (),
        scaling: Scaling = "quantile",
        imputation: Fill = "median",
        min_count: int = 3,
        features: list[ColumnFeatures] | None = None,
        cleaning: list[CleaningStep] | None = None,
        split: StratifiedSplit | Splitter | None = None,
        batch_size: int | None = None,
        augment: list[nn.Module] | None = None,
        workers: int = 0,
        query: str | None = None,
        reader: Reader | None = None,
        schema: dict[str, ColumnKind] | None = None,
        sampler: RowSampler | None = None,
    ) -> None:
        super().__init__(
            source,
            target=target,
            task=task,
            separator=separator,
            cleaning=cleaning,
            split=split,
            batch_size=batch_size,
            most=256,
            augment=augment,
            workers=workers,
            sampler=sampler,
        )
        self.leave_out = _as_list(leave_out)
        self.categories = _as_list(categories)
        self.scaling: Scaling = scaling
        self.imputation: Fill = imputation
        self.min_count = min_count
        self.features = features
        self.query = query
        self.reader = reader
        self.schema = schema
        save_plain_hyperparameters(self, inspect.currentframe())

    def prepare(self, records: Records) -> None:
        """Clean, split and fit, and say where the split lets training rows see held-out ones."""
        begins = self.trained is None
        super().prepare(records)
        past = [each for each in self.features or [] if isinstance(each, PastFeatures)]
        if begins and past and isinstance(self.recipe.splitter, StratifiedSplit | None):
            self.notes.append(
                f"{type(past[0]).__name__} looks back in time, but rows are held out at random, so "
                f"that training rows see some of them: --data.split TimeSplit --data.split.time "
                f"{past[0].time} holds out the last rows"
            )

    def read(self) -> Records:
        """Read the table."""
        return read_table(
            self.source,
            query=self.query,
            reader=self.reader,
            schema=self.schema,
            trained=self.trained is not None,
        )

    def inputs(self, records: Records, target: list[str]) -> list[str]:
        """Return all columns but the target and what is left out."""
        return [name for name in input_columns(records, target) if name not in self.leave_out]

    def new_features(self, records: Records | None, skip: list[str]) -> TableFeatures:
        """Return features of the columns, not fitted yet."""
        if records is not None:
            check_columns(records.frame, self.leave_out, "leave_out", records.origin)
            check_columns(records.frame, self.categories, "categories", records.origin)
        return TableFeatures(
            Numeric([], self.imputation, steps=scaled(self.scaling)),
            Categorical([], min_count=self.min_count),
            as_category=[name for name in self.categories if name not in skip],
            skip=[*skip, *(name for name in self.leave_out if name not in skip)],
            named=self.features or [],
        )


def _as_list(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
