"""Texts: a column of a table, a folder of text files, or a named sample."""

import inspect

import polars as pl
from torch import nn

from datamodules.cleaning.step import CleaningStep
from datamodules.errors import UserError
from datamodules.features.text import TextFeatures
from datamodules.features.words import Words
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


class TextDataModule(SupervisedDataModule):
    """Texts as tokens, of a vocabulary learnt on training rows or of a pretrained tokenizer.

    Args:
        source: ``sample:NAME``; a CSV, TSV, JSON, JSON lines, Parquet or log file; a pattern such
            as ``data/*.csv``; a folder of text files, with one folder for each class; a URL of a
            database, an API or a file; or a list of them.
        text: the column of text; may be left out where a sample knows it, or where there is one
            column beside the target.
        target: the column to predict, or several; may be left out where a sample knows it.
        task: what the target is, where its values do not tell.
        separator: what stands between the labels of a cell, for a multi-label target.
        max_tokens: a longer text keeps its first tokens.
        min_count: training texts' words seen fewer times are not in the vocabulary.
        tokenizer: a tokenizer that others trained, in place of a vocabulary learnt here: a folder
            with ``tokenizer.json``, that file, an installed package that has one, a name on the
            hub, or ``sample:minilm``; needs ``fulgurite[text]``.
        cleaning: steps, in their order; by default rows that stand twice are told of.
        split: how rows are divided; 70, 15 and 15 % by default, stratified.
        batch_size: rows in a batch, on each device; if ``None``, 64 over all devices, fewer where
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
        text: str | None = None,
        target: str | list[str] | None = None,
        task: Task | None = None,
        separator: str | None = None,
        max_tokens: int = 256,
        min_count: int = 2,
        tokenizer: str | None = None,
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
            most=64,
            augment=augment,
            workers=workers,
            sampler=sampler,
        )
        self.text = text
        self.max_tokens = max_tokens
        self.min_count = min_count
        self.query = query
        self.reader = reader
        self.schema = schema
        self.tokenizer = tokenizer
        save_plain_hyperparameters(self, inspect.currentframe())

    def read(self) -> Records:
        """Read the table with the texts; a pretrained tokenizer is given them as they stand."""
        features = self.new_features(None, []) if self.trained is None else self.trained.features
        assert isinstance(features, TextFeatures)
        if isinstance(features.tokens, Words):
            return self._table(None)
        guess = features.text or "text"
        records = self._table(guess)
        text = self._text(records)
        return records if text == guess else self._table(text)

    def _table(self, verbatim: str | None) -> Records:
        return read_table(
            self.source,
            "text",
            query=self.query,
            reader=self.reader,
            schema=self.schema,
            trained=self.trained is not None,
            verbatim=verbatim,
        )

    def needed(self, records: Records) -> list[str]:
        """Return the text column: a row without text teaches nothing."""
        return [self._text(records)]

    def new_features(self, records: Records | None, skip: list[str]) -> TextFeatures:
        """Return features of the texts, without a vocabulary yet."""
        text = self.text or "" if records is None else self._text(records)
        return TextFeatures(text, self.max_tokens, self.min_count, tokenizer=self.tokenizer)

    def _text(self, records: Records) -> str:
        if self.trained is not None:
            assert isinstance(self.trained.features, TextFeatures)
            return self.trained.features.text
        text = self.text or records.text or self._only_other(records)
        check_columns(records.frame, [text], "text", records.origin)
        return text

    def _only_other(self, records: Records) -> str:
        skip = [*self.recipe.target_columns(records), *records.leave_out]
        others = [
            column.name
            for column in records.frame
            if column.name not in skip and column.dtype == pl.String
        ]
        if len(others) != 1:
            raise UserError(
                f"{records.origin}: which column holds the texts? Say --data.text, one of "
                f"{', '.join(others or records.frame.columns)}."
            )
        return others[0]
