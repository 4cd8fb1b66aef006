"""From a source to batches, the same for every kind of data."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import lightning as L
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from datamodules.augmentation.augment import Augment
from datamodules.batch import Batch
from datamodules.cleaning.clean import default_steps
from datamodules.cleaning.step import Cleaned, CleaningStep
from datamodules.errors import UserError
from datamodules.examined import Examined, examine
from datamodules.features.features import Features
from datamodules.fingerprint import fingerprint
from datamodules.loader import RowBatches, fitting_batch_size, load, position_of
from datamodules.masked import MEASURE, refuse_while_fitting
from datamodules.progress import progress
from datamodules.recipe import Prepared, Recipe
from datamodules.records import Records
from datamodules.samplers.drawing import Drawing
from datamodules.samplers.sampler import RowSampler, drawing_of
from datamodules.seeds import global_seed
from datamodules.sources.urls import shown
from datamodules.spec import DataSpec
from datamodules.splits.split import Split
from datamodules.splits.splitter import Splitter
from datamodules.splits.table import SplitTable
from datamodules.store import Store
from datamodules.targets.target import Task
from datamodules.trained import Trained


class SupervisedDataModule(L.LightningDataModule, ABC):
    """Read, clean, split, fit features on training rows, keep the rows, load batches.

    What training fixed (the split, the classes, everything fitted) travels in the checkpoint. A
    datamodule that was given it fits nothing: rows of the same data keep their parts, rows of other
    data are all held out.

    Args:
        source: ``sample:NAME``, a file, a pattern such as ``data/*.csv``, a folder, a URL, or a
            list of them.
        target: the column to predict, or several; ``None`` where the source knows it.
        task: what the target is, where its values do not tell.
        separator: what stands between the labels of a cell, for a multi-label target.
        cleaning: steps, in their order; ``None`` only tells of rows that stand twice.
        split: how rows are divided; by default as folders called train, val and test do, or else
            70, 15 and 15 %, stratified.
        batch_size: rows in a batch, on each device; ``None`` is ``most`` over all devices, or fewer
            where few rows would make an epoch of a few steps.
        most: rows in a batch, over all devices, where ``batch_size`` does not say.
        augment: applied to training batches, in order.
        workers: loader processes; rows in memory need none.
        sampler: which training rows an epoch has; by default each, once.
    """

    def __init__(
        self,
        source: str | list[str],
        *,
        target: str | list[str] | None = None,
        task: Task | None = None,
        separator: str | None = None,
        cleaning: Sequence[CleaningStep] | None = None,
        split: Splitter | None = None,
        batch_size: int | None = None,
        most: int = 64,
        augment: Sequence[nn.Module] | None = None,
        workers: int = 0,
        sampler: RowSampler | None = None,
    ) -> None:
        super().__init__()
        if (batch_size is not None and batch_size < 1) or workers < 0:
            raise UserError(
                f"A batch needs at least 1 row and loaders cannot be fewer than 0, but batch_size "
                f"is {batch_size} and workers is {workers}."
            )
        self.source = source
        steps = default_steps() if cleaning is None else cleaning
        self.recipe = Recipe(target, task, separator, steps, split, sampler=sampler)
        self.drawing: Drawing | None = None
        self.batch_size = batch_size
        self.most = most
        self.augment = Augment(augment, global_seed()) if augment else None
        self.workers = workers
        self.trained: Trained | None = None
        self.store: Store | None = None
        self.split: Split | None = None
        self.notes: list[str] = []
        self.cleaned: list[Cleaned] = []
        self.begun = (0, 0)
        self.other_data = False
        self.split_table: SplitTable | None = None
        self.measures = True  # until it is set up for something else
        self._examined: Examined | None = None
        self._fitting: L.Trainer | None = None
        self._to_predict: Store | None = None
        self.row_names: dict[str, list[str]] = {}

    # What a kind of data says of itself

    @abstractmethod
    def read(self) -> Records:
        """Read the source."""

    @abstractmethod
    def new_features(self, records: Records | None, skip: list[str]) -> Features:
        """Return features that are not fitted yet.

        Args:
            records: what they will be fitted on; ``None`` where a checkpoint has the fitted ones.
            skip: columns that a model must not see.
        """

    def needed(self, records: Records) -> list[str]:
        """Return the input columns without which a row teaches nothing."""
        return []

    def inputs(self, records: Records, target: list[str]) -> list[str]:
        """Return the columns that a model may see, beside images.

        Args:
            records: every row of the source.
            target: the columns to predict.
        """
        return self.needed(records)

    # What the program asks for

    def __str__(self) -> str:
        """Return what it is and reads; Lightning's own would read the source to tell more."""
        return f"{type(self).__name__}({shown(self.source)})"

    @property
    def spec(self) -> DataSpec:
        """What a model needs to know of these data."""
        if self.trained is None:
            self.setup("fit")
        assert self.trained is not None
        return self.trained.spec

    def setup(self, stage: str) -> None:
        """Read and prepare the rows, once; targets of held-out rows are handed out for ``test``.

        Raises:
            UserError: training is under way, which must not know them.
        """
        if stage == "fit":
            self._fitting = self.trainer
        if stage == "test":
            refuse_while_fitting(self._fitting)
        self.measures = stage == "test"
        if self.trained is None or (self.store is None and stage != "predict"):
            self.prepare(self._read())
        self._hold_back()
        if stage == "predict":
            self._prepare_to_predict()

    def begin(self) -> Records:
        """Prepare the rows as :meth:`setup` does, and return them as they were read, for audits."""
        records = self._read()
        self.prepare(records)
        return records

    def go_on(self, state_dict: dict[str, Any]) -> None:
        """Prepare the rows as a training had them that goes on; it fits nothing anew.

        Args:
            state_dict: of the checkpoint.

        Raises:
            UserError: these are other data.
        """
        self.load_state_dict(state_dict)
        assert self.trained is not None
        records = self._read()
        digits = fingerprint(records)
        # asked before these rows are held to what the training's were like
        if digits != self.trained.data:
            raise self._others()
        with progress("preparing rows"):
            self._take(self.recipe.go_on(self.trained, records, self, digits), records)

    def train_dataloader(self) -> DataLoader[Any]:
        """Load the training rows, in an order of its own each epoch.

        A run that was left in the middle of an epoch goes on with the batch that was next.
        """
        loader = self._loader("train", shuffle=True)
        assert isinstance(loader.sampler, RowBatches)
        loader.sampler.begin_at(*self.begun)
        return loader

    def val_dataloader(self) -> DataLoader[Any] | list[Any]:
        """Load the validation rows; nothing where the split holds none out."""
        return self._loader("val") if len(self._parts().val) else []

    def test_dataloader(self) -> DataLoader[Any]:
        """Load the rows that neither training nor validation has seen.

        Raises:
            UserError: it was set up for something else than ``test``, which must not know them.
        """
        if self.store is None:
            self.setup("test")
        refuse_while_fitting(self._fitting)
        if not self.measures:
            raise UserError(f"Held-out rows are hidden from all but a test: {MEASURE}.")
        return self._loader("test")

    def predict_dataloader(self) -> DataLoader[Any]:
        """Load every row of the source, in its order, with no target."""
        if self._to_predict is None:
            self.setup("predict")
        assert self._to_predict is not None
        return self._load(self._to_predict, torch.arange(len(self._to_predict)))

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        """Augment training batches, on the device."""
        trainer = self.trainer
        if self.augment is None or trainer is None or not trainer.training:
            return batch
        return self.augment(batch, trainer.current_epoch, trainer.fit_loop.batch_idx, self.spec)

    def examined(self) -> Examined:
        """Return which rows a test measures; if nobody knows yet, the source is read once more."""
        if self._examined is None:
            rows = self._parts().test
            self._examined = examine(self._read(), rows, self._digits())
        return self._examined

    def state_dict(self) -> dict[str, Any]:
        """Return what training fixed, as tensors and plain values."""
        return (
            {}
            if self.trained is None
            else {**self.trained.state_dict(), **position_of(self.trainer)}
        )

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what training fixed; rows that were prepared otherwise are prepared again.

        Raises:
            UserError: training would go on with other data.
        """
        self.begun = state_dict.get("epoch", 0), state_dict.get("batch", 0)
        restored = Trained.from_state(state_dict, self.new_features(None, []), self.recipe.cleaning)
        before, self.trained = self.trained, restored
        if self.store is None or before is None or before.same_as(restored):
            return
        if before.data != restored.data and self.trainer is not None and self.trainer.training:
            raise self._others()
        self.prepare(self._read())

    def _others(self) -> UserError:
        return UserError(
            f"{shown(self.source)}: these are not the data that the run was started with, so "
            f"it cannot go on; start a new run with them."
        )

    # How rows are prepared

    def _read(self) -> Records:
        """Read the source; what is wrong with it names the setting that mends it.

        Raises:
            UserError: it cannot be read.
        """
        try:
            with progress("reading rows"):
                return self.read()
        except UserError as error:
            if str(error).startswith("--"):
                raise
            raise UserError(f"--data.source: {error}") from error

    def prepare(self, records: Records) -> None:
        """Clean, split and fit rows that are read already; :meth:`setup` reads them first."""
        trained = self.trained
        with progress("preparing rows"):
            prepared = (
                self.recipe.begin(records, self)
                if trained is None
                else self.recipe.go_on(trained, records, self, fingerprint(records))
            )
        self._take(prepared, records)
        if trained is not None:  # while a model is fitted nobody asks
            self._examined = examine(records, prepared.split.test, self._digits())
        elif self.drawing is not None:
            self.notes.append(self.drawing.note)

    def _take(self, prepared: Prepared, records: Records) -> None:
        """Keep rows that were prepared."""
        self.trained, self.store, self.split = prepared.trained, prepared.store, prepared.split
        self.notes, self.cleaned = prepared.notes, prepared.cleaned
        self.other_data, self.split_table = prepared.other_data, prepared.table
        self._examined = None
        self.drawing = self._drawing(records)
        self._hold_back()

    def _drawing(self, records: Records) -> Drawing | None:
        """Return what draws training rows, where a sampler does, of the data of the training."""
        if self.other_data or self.recipe.sampler is None:
            return None
        assert self.trained is not None
        assert self.split is not None
        assert self.store is not None
        target, spec = self.store.target, self.trained.spec.target
        assert target is not None
        assert spec is not None
        return drawing_of(self.recipe.sampler, records, self.split.train, target, spec)

    def _digits(self) -> str | None:
        """Return the fingerprint of the data where it is known."""
        return None if self.trained is None or self.other_data else self.trained.data

    def _hold_back(self) -> None:
        """Hide the targets of held-out rows from all but a test."""
        if self.store is not None and self.split is not None:
            rows = self.split.test[:0] if self.measures else self.split.test
            self.store.hold_back(torch.from_numpy(rows))

    def _prepare_to_predict(self) -> None:
        assert self.trained is not None
        records = self._read()
        names = records.names
        self.row_names = {} if names is None else {names: records.frame[names].to_list()}
        with progress("preparing rows"):
            rows, unlike = self.recipe.as_trained(self.trained, records)
            self.notes = [*records.notes, *unlike]
            self._to_predict = Store(self.trained.features.columns(rows))

    def _parts(self) -> Split:
        if self.split is None:
            self.setup("fit")
        assert self.split is not None
        return self.split

    def _loader(self, part: str, *, shuffle: bool = False) -> DataLoader[Any]:
        rows = torch.from_numpy(getattr(self._parts(), part))
        if not len(rows):
            mend = (
                "the model was trained on other data, so all of these are held out"
                if part == "train"
                else f"try --data.split.{part} 0.15"
            )
            raise UserError(f"{shown(self.source)}: the split leaves no rows for '{part}': {mend}.")
        assert self.store is not None
        return self._load(self.store, rows, shuffle=shuffle)

    def _load(self, store: Store, rows: Tensor, *, shuffle: bool = False) -> DataLoader[Any]:
        trainer = self.trainer
        world = trainer.world_size if trainer else 1
        trained = len(self.trained.split.train) if self.trained else len(rows)
        batches = RowBatches(
            rows,
            # what suits the rows suits them on any number of devices
            self.batch_size * world if self.batch_size else fitting_batch_size(trained, self.most),
            shuffle=shuffle,
            seed=global_seed(),
            lengths=None if store.lengths is None else store.lengths[rows],
            rank=trainer.global_rank if trainer else 0,
            world=world,
            drawing=self.drawing if shuffle else None,
        )
        return load(store, batches, self.workers)
