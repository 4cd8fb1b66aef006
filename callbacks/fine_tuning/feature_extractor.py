"""A backbone that only extracts features, for a head that learns."""

from typing import Any

import torch
from lightning import LightningModule, Trainer
from torch import nn

from callbacks.console import console
from callbacks.fine_tuning.cached_features import CachedFeatures, features_of
from callbacks.fine_tuning.fine_tuning import FineTuning
from datamodules.errors import UserError
from datamodules.supervised import SupervisedDataModule
from lightning_modules.supervised import SupervisedModule


class FeatureExtractor(FineTuning):
    """Freeze the backbone and train the head alone, on features that are computed once.

    The backbone's parameters are in no group of the optimizer, and its batch normalisation and
    dropout are as in evaluation all through, so every tensor and buffer stays as it is. With
    ``cache`` the features of the training and validation rows are computed before the first epoch,
    and each epoch takes as long as the head alone. Checkpoints have the whole model.

    Args:
        cache: compute features once. Augmentation shows other images in each epoch, so with it the
            backbone must look at them again: ``false``.

    Raises:
        UserError: the model has no backbone, something else decides what of it learns, or features
            are to be kept of rows that are augmented.
    """

    def __init__(self, cache: bool = True) -> None:
        super().__init__()
        self.cache = cache
        self._store: Any = None

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Freeze, before the optimizer is built, and let rows come as features."""
        super().setup(trainer, pl_module, stage)
        if stage != "fit":
            return
        if self.cache:
            _check(trainer, pl_module)
        for parameter in self._held:
            parameter.requires_grad_(False)
        if self.cache:
            self._announce(trainer)

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compute the features, with the weights that training will use."""
        backbone: Any = pl_module.backbone
        if trainer.is_global_zero and getattr(backbone, "pretrained", None) is not True:
            _say_that_it_is_random(type(backbone).__name__)
        if not self.cache:
            return
        datamodule = self._announce(trainer)
        assert isinstance(pl_module, SupervisedModule)
        store, split = datamodule.store, datamodule.split
        assert store is not None
        assert split is not None
        column = store.features
        assert isinstance(column, CachedFeatures)
        rows = torch.cat([torch.from_numpy(split.train), torch.from_numpy(split.val)])
        store.features = None  # the backbone wants the rows themselves
        mode = backbone.training
        backbone.eval()
        column.fill(rows, features_of(pl_module, store, rows, trainer))
        backbone.train(mode)
        store.features = column

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Hold batch normalisation and dropout, also where a run goes on within an epoch."""
        _hold(pl_module)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Hold batch normalisation and dropout."""
        _hold(pl_module)

    def let_go(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Hand out the rows themselves, and let the backbone learn again."""
        if self._store is not None:
            self._store.features = None
            self._store = None
        super().let_go(trainer, pl_module)

    def _announce(self, trainer: Trainer) -> SupervisedDataModule:
        """Let the store say that it hands out features, by which loaders divide the rows.

        A checkpoint may have had the rows prepared again since.
        """
        datamodule: Any = trainer.datamodule  # type: ignore[attr-defined]
        assert isinstance(datamodule, SupervisedDataModule)
        store = datamodule.store
        assert store is not None
        if store is not self._store:
            self._store = store
            store.features = CachedFeatures(len(store))
        return datamodule


def _check(trainer: Trainer, pl_module: LightningModule) -> None:
    """Raise UserError where features cannot be computed once for all epochs."""
    datamodule = getattr(trainer, "datamodule", None)
    ours = isinstance(pl_module, SupervisedModule)
    if not isinstance(datamodule, SupervisedDataModule) or not ours:
        raise UserError(
            "FeatureExtractor keeps the features of Fulgurite's own datamodules and models alone: "
            "say cache: false, and the backbone is frozen all the same."
        )
    if datamodule.augment is not None:
        raise UserError(
            "FeatureExtractor computes features once, but with --data.augment rows look different "
            "in each epoch: take the augmentation out, or say cache: false."
        )


def _hold(pl_module: LightningModule) -> None:
    backbone: Any = pl_module.backbone
    assert isinstance(backbone, nn.Module)
    backbone.eval()


def _say_that_it_is_random(backbone: str) -> None:
    to_user = console()
    if to_user is not None:
        to_user.print(
            f"fine-tuning: FeatureExtractor freezes {backbone}, whose weights are random unless "
            f"they came from elsewhere: the head learns from what random weights make of the rows.",
            soft_wrap=True,
            markup=False,
        )
