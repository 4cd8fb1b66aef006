"""From raw rows to rows that a model can be given: cleaned, split, fitted, kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from datamodules.cleaning.clean import clean_rows, clean_training_rows
from datamodules.cleaning.copies import input_columns
from datamodules.cleaning.step import Cleaned, CleaningStep, TrainingRows, TrainingStep
from datamodules.cleaning.usable import usable_rows
from datamodules.division import Division, divide, plain
from datamodules.errors import UserError
from datamodules.features.features import Features
from datamodules.fingerprint import fingerprint
from datamodules.held_out import columns_without_target, without_targets_of
from datamodules.parts_again import parts_again, without_seen_rows
from datamodules.records import Records
from datamodules.samplers.sampler import RowSampler
from datamodules.spec import DataSpec, TargetSpec
from datamodules.splits.given import SplitFile
from datamodules.splits.split import Rows, Split
from datamodules.splits.splitter import Splitter
from datamodules.splits.stratified import StratifiedSplit
from datamodules.splits.table import SplitTable
from datamodules.store import Store
from datamodules.targets.classes import Classes
from datamodules.targets.labels import Labels
from datamodules.targets.pick import check_columns, known_target, pick_target
from datamodules.targets.target import Target, Task
from datamodules.trained import Trained


class KindOfData(Protocol):
    """What tables, images and texts each say of themselves."""

    def new_features(self, records: Records | None, skip: list[str]) -> Features:
        """Return features that are not fitted yet.

        Args:
            records: what they will be fitted on; ``None`` where a checkpoint has the fitted ones.
            skip: columns that a model must not see.
        """
        ...

    def needed(self, records: Records) -> list[str]:
        """Return the input columns without which a row teaches nothing."""
        ...

    def inputs(self, records: Records, target: list[str]) -> list[str]:
        """Return the columns that a model may see, beside images."""
        ...


@dataclass
class Prepared:
    """Rows that a model can be given.

    Attributes:
        trained: what training fixed.
        split: which row stands in which part.
        store: every row of the source.
        cleaned: what cleaning did.
        notes: what was noticed, one sentence each.
        other_data: whether these are not the data of the training.
        table: the split by what the rows hold, where they were divided now.
    """

    trained: Trained
    split: Split
    store: Store
    cleaned: list[Cleaned] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    other_data: bool = False
    table: SplitTable | None = None


@dataclass
class Recipe:
    """What is done to rows, whatever their kind.

    Args:
        target: the columns to predict; ``None`` where the source knows them.
        task: what the target is, where its values do not tell.
        separator: what stands between the labels of a cell.
        cleaning: steps, in their order.
        splitter: divides the rows; ``None`` leaves it to the source.
        otherwise: divides them where neither says.
        sampler: draws training rows; a model does not see the columns that it goes by.
    """

    target: str | list[str] | None
    task: Task | None
    separator: str | None
    cleaning: Sequence[CleaningStep]
    splitter: Splitter | None
    otherwise: Splitter = field(default_factory=StratifiedSplit)
    sampler: RowSampler | None = None

    def begin(self, records: Records, kind: KindOfData) -> Prepared:
        """Clean, split and fit.

        Raises:
            UserError: the rows cannot be learnt from.
        """
        columns = self.target_columns(records)
        check_columns(records.frame, columns, "target", records.origin)
        digits, notes = fingerprint(records), list(records.notes)
        splitter = self.splitter_of(records)
        records = records.hiding(
            [
                *splitter.leave_out,
                *self._columns_of_sampler(records),
                *getattr(kind, "leave_out", []),
            ]
        )
        needed = kind.needed(records)
        rows, unusable = usable_rows(records.frame, [*columns, *needed], records.origin)
        rows, found = clean_rows(self.cleaning, records, rows, columns)
        separator = self.separator or records.separator
        usable = records.frame.select(columns)[rows]
        target = pick_target(usable, columns, self.task, separator, records.origin)
        encoded = target.encode(usable, records.origin, rows)
        inputs = kind.inputs(records, columns)
        division = _divide(splitter, records, rows, target, encoded, inputs, digits)
        split = division.split
        train_target = encoded[_places(rows, split.train)]
        hiding = without_targets_of(records, split.test, columns)
        training, later = clean_training_rows(
            self.cleaning,
            TrainingRows(
                hiding,
                split.train,
                train_target,
                target.describe(train_target),
                input_columns(records, columns),
                next(iter(needed), None),
            ),
        )
        split = split._replace(train=training.rows)
        spec = target.describe(training.target)
        as_cleaned = records
        if training.records is not hiding:
            as_cleaned = training.records.with_columns(records.frame.select(columns))
        trained = self._fit(as_cleaned, spec, split, columns, kind)
        trained.remember(records, digits, plain(splitter), (division.inputs, division.of_inputs))
        cleaned = [*unusable, *found, *later]
        notes += [each.note for each in cleaned if each.note]
        notes += division.notes + trained.features.notes()
        store = _store(trained, as_cleaned, encoded, rows)
        return Prepared(trained, split, store, cleaned, notes, table=division.table)

    def go_on(self, trained: Trained, records: Records, kind: KindOfData, digits: str) -> Prepared:
        """Prepare rows as those of the training were: they keep their parts, others are held out.

        Args:
            trained: what training fixed.
            records: the rows.
            kind: what the datamodule says of its data.
            digits: the fingerprint of the rows.

        Raises:
            UserError: rows of other data are unlike those of the training.
        """
        columns = trained.target
        check_columns(records.frame, columns, "target", records.origin)
        same = trained.data == digits
        notes, raw = list(records.notes), records
        rows, unusable = usable_rows(
            records.frame, [*columns, *kind.needed(records)], records.origin
        )
        notes += [each.note for each in unusable]
        records, unlike = self.as_trained(trained, records, same=same)
        assert trained.spec.target is not None
        target = known_target(trained.spec.target, columns, self.separator or records.separator)
        encoded = target.encode(records.frame.select(columns)[rows], records.origin, rows)
        split, told = self._parts_again(trained, raw, rows, target, encoded, kind, digits)
        store = _store(trained, records, encoded, rows)
        notes += told + unlike
        return Prepared(trained, split, store, unusable, notes, other_data=not same)

    def as_trained(
        self, trained: Trained, records: Records, *, same: bool = False
    ) -> tuple[Records, list[str]]:
        """Return rows as training was given its own, and what is unlike in them.

        Args:
            trained: what training fixed.
            records: new rows, with or without a target.
            same: whether they are the rows of the training, which keep the contract.

        Raises:
            UserError: a column is not there, or a cell is of another type.
        """
        records, notes = (records, []) if same else trained.contract.check(records)
        for step in trained.cleaning:
            records = step.apply(records)
        return records, notes

    def splitter_of(self, records: Records) -> Splitter:
        """Return what divides the rows: what the user says, or the source, or by shares."""
        return self.splitter or records.splitter or self.otherwise

    def target_columns(self, records: Records) -> list[str]:
        """Return the columns to predict.

        Raises:
            UserError: neither the user nor the source says so.
        """
        target = self.target if self.target is not None else records.target
        if not target:
            raise UserError(
                records.no_target
                or f"{records.origin}: which column is to be predicted? Say --data.target, one of "
                f"{', '.join(records.frame.columns[:20])}."
            )
        return [target] if isinstance(target, str) else list(target)

    def _columns_of_sampler(self, records: Records) -> list[str]:
        columns = self.sampler.leave_out if self.sampler is not None else []
        check_columns(records.frame, columns, "sampler.column", records.origin)
        return columns

    def _parts_again(
        self,
        trained: Trained,
        records: Records,
        rows: Rows,
        target: Target,
        encoded: Tensor,
        kind: KindOfData,
        digits: str,
    ) -> tuple[Split, list[str]]:
        """Return the parts of rows for a model that is trained, and what is worth telling."""
        splitter = self.splitter
        if not isinstance(splitter, SplitFile) or plain(splitter) == trained.splitter:
            return parts_again(trained, records, rows, digits)
        inputs = kind.inputs(records, trained.target)
        division = _divide(splitter, records, rows, target, encoded, inputs, digits)
        split, notes = without_seen_rows(trained, records, division.split, digits)
        return split, notes + division.notes

    def _fit(
        self,
        records: Records,
        target: TargetSpec,
        split: Split,
        columns: list[str],
        kind: KindOfData,
    ) -> Trained:
        features = kind.new_features(records, [*columns, *records.leave_out])
        features.fit(records.take(split.train, pixels=False))
        return Trained(
            spec=DataSpec(target=target, **features.parts),
            target=columns,
            split=split,
            data="",
            features=features,
            cleaning=[step for step in self.cleaning if isinstance(step, TrainingStep)],
        )


def _divide(
    splitter: Splitter,
    records: Records,
    rows: Rows,
    target: Target,
    encoded: Tensor,
    inputs: list[str],
    digits: str,
) -> Division:
    classes = target.names if isinstance(target, Classes) else None
    labels = (encoded > 0).numpy() if isinstance(target, Labels) else None
    return divide(
        splitter,
        records,
        rows,
        target.strata(encoded),
        inputs,
        classes=classes,
        labels=labels,
        fingerprint=digits,
    )


def _store(trained: Trained, records: Records, encoded: Tensor, rows: Rows) -> Store:
    """Keep every row of the source; one that is unusable has a target of zeros, never loaded."""
    columns = columns_without_target(trained.features, records, trained.target)
    if len(rows) == len(records):
        return Store(columns, encoded)
    spread = encoded.new_zeros(len(records), *encoded.shape[1:])
    spread[torch.from_numpy(rows)] = encoded
    return Store(columns, spread)


def _places(rows: Rows, part: Rows) -> Tensor:
    """Return where the rows of a part stand among ``rows``, which ascend."""
    return torch.from_numpy(rows.searchsorted(part))
