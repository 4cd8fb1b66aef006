"""Only training rows are changed, for every kind of data, in every stage of a run."""

from collections.abc import Callable
from typing import Any

import lightning as L
import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor, nn

from datamodules.augmentation.images import RandomErasing
from datamodules.augmentation.mixup import Mixup
from datamodules.augmentation.tables import CategoryDropout, NumericNoise
from datamodules.augmentation.texts import SpanMasking, TokenDropout
from datamodules.image import ImageDataModule
from datamodules.supervised import SupervisedDataModule
from datamodules.tabular import TabularDataModule
from datamodules.text import TextDataModule


def images() -> SupervisedDataModule:
    return ImageDataModule("sample:digits", augment=[RandomErasing(p=1.0, value=0.5), Mixup(1.0)])


def table() -> SupervisedDataModule:
    transforms: list[nn.Module] = [NumericNoise(1.0), CategoryDropout(0.9), Mixup(1.0)]
    return TabularDataModule("people.csv", target="plan", leave_out="likes", augment=transforms)


def texts() -> SupervisedDataModule:
    words = np.random.default_rng(0).choice(["good", "bad", "tea", "warm"], (90, 8))
    frame = {"says": [" ".join(line) for line in words], "mood": ["up", "down", "down"] * 30}
    pl.DataFrame(frame).write_csv("says.csv")
    transforms: list[nn.Module] = [TokenDropout(0.5), SpanMasking(0.5, 3.0)]
    return TextDataModule("says.csv", text="says", target="mood", augment=transforms)


class Watch(L.LightningModule):
    """Compare every batch that steps and callbacks are given with the rows as they are kept."""

    def __init__(self, data: SupervisedDataModule) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.data = [data]  # in a list, as it is no part of the module
        self.as_kept: dict[str, list[bool]] = {}

    def look(self, stage: str, batch: Any) -> None:
        store = self.data[0].store if stage != "predict" else self.data[0]._to_predict
        assert store is not None
        kept = store[batch["index"]]
        same = [_equal(batch[name], value) for name, value in kept.items()]
        self.as_kept.setdefault(stage, []).append(all(same))

    def training_step(self, batch, batch_idx):
        self.look("train", batch)
        return self.weight.sum()

    def validation_step(self, batch, batch_idx):
        self.look("val", batch)

    def test_step(self, batch, batch_idx):
        self.look("test", batch)

    def predict_step(self, batch, batch_idx):
        self.look("predict", batch)
        return batch["index"]

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


class Beside(L.Callback):
    """Look at the batches that callbacks are given, before and after a step."""

    def on_validation_batch_start(self, trainer, pl_module, batch, *where):
        pl_module.look("val", batch)

    def on_test_batch_end(self, trainer, pl_module, outputs, batch, *where):
        pl_module.look("test", batch)

    def on_predict_batch_end(self, trainer, pl_module, outputs, batch, *where):
        pl_module.look("predict", batch)


def _equal(given: Any, kept: Any) -> bool:
    if isinstance(kept, Tensor):
        return torch.equal(given, kept)
    return all(torch.equal(given[name], values) for name, values in kept.items())


@pytest.mark.parametrize("make", [images, table, texts])
def test_held_out_and_predicted_rows_stay_as_they_are(
    make: Callable[[], SupervisedDataModule], people, trainer
):
    data = make()
    module = Watch(data)
    watched = trainer(num_sanity_val_steps=1, callbacks=[Beside()], limit_train_batches=4)
    watched.fit(module, data)
    watched.validate(module, data, verbose=False)
    watched.test(module, data, verbose=False)
    watched.predict(module, data, return_predictions=False)
    assert not any(module.as_kept.pop("train"))
    assert set(module.as_kept) == {"val", "test", "predict"}
    assert all(all(stage) for stage in module.as_kept.values())
