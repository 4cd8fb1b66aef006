"""Images: a folder of class folders, a table of their paths, or a named sample."""

import inspect

from torch import nn

from datamodules.cleaning.step import CleaningStep
from datamodules.features.pixels import PixelFeatures
from datamodules.hyperparameters import save_plain_hyperparameters
from datamodules.records import Records
from datamodules.samplers.sampler import RowSampler
from datamodules.sources.heads import Size
from datamodules.sources.images import read_images
from datamodules.sources.manifest import is_manifest, read_manifest
from datamodules.sources.urls import shown
from datamodules.splits.splitter import Splitter
from datamodules.splits.stratified import StratifiedSplit
from datamodules.supervised import SupervisedDataModule
from datamodules.targets.target import Task


class ImageDataModule(SupervisedDataModule):
    """Images of one size, float32 in [0, 1].

    Args:
        source: ``sample:NAME``; a folder with one folder of images for each class; or a manifest: a
            table, as :class:`~datamodules.tabular.TabularDataModule` reads it, with a column of
            image paths.
        size: side of the square, or height and width, to which images are scaled and cropped;
            ``None`` keeps the size that all have.
        channels: 1 for grey, 3 for colour, laid on white where it is transparent, 4 to keep the
            transparency; ``None`` is 1 where all images are grey, else 3.
        target: for a manifest or a sample with several columns, which to predict.
        task: what the target is, where its values do not tell.
        cleaning: steps, in their order; by default rows that stand twice are told of.
        split: how rows are divided; 70, 15 and 15 % by default, stratified.
        batch_size: rows in a batch, on each device; if ``None``, 64 over all devices, fewer where
            there are few.
        augment: applied to training batches, in order.
        workers: loader processes; rows in memory need none.
        image: the manifest's column of image paths; ``None`` finds it where there is one.
        folder: from which the manifest's paths go; ``None`` is the folder of the manifest.
        separator: what stands between the labels of a manifest's cell, for a multi-label target.
        query: which rows of a database are the manifest.
        sampler: which training rows an epoch has: ``ClassBalanced``, or ``Weighted`` by a column;
            by default each, once.
    """

    def __init__(
        self,
        source: str | list[str],
        size: Size | None = None,
        channels: int | None = None,
        target: str | list[str] | None = None,
        task: Task | None = None,
        cleaning: list[CleaningStep] | None = None,
        split: StratifiedSplit | Splitter | None = None,
        batch_size: int | None = None,
        augment: list[nn.Module] | None = None,
        workers: int = 0,
        image: str | None = None,
        folder: str | None = None,
        separator: str | None = None,
        query: str | None = None,
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
        self.size = size
        self.channels = channels
        self.image = image
        self.folder = folder
        self.query = query
        save_plain_hyperparameters(self, inspect.currentframe())

    def read(self) -> Records:
        """Read the images, at the size of those that the model was trained on."""
        size, channels = self.size, self.channels
        if self.trained is not None:
            channels, height, width = self.trained.spec.inputs["image"]
            size = (height, width)
        manifest = None
        if is_manifest(self.source):
            trained = self.trained is not None
            manifest = read_manifest(
                self.source, self.image, self.folder, self.query, trained=trained
            )
        return read_images(shown(self.source), size, channels, manifest)

    def new_features(self, records: Records | None, skip: list[str]) -> PixelFeatures:
        """Return features of the pixels."""
        return PixelFeatures()
