"""Fit, test and predict with each kind of model, in as many processes as are asked for.

``python families.py DEVICES FOLDER``; the test beside it compares what is left in the folder.
"""

import json
import logging
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import lightning as L
import numpy as np
import polars as pl
import torch
from lightning.pytorch.callbacks import EarlyStopping
from torch.optim import SGD

from callbacks.averages.exponential import ExponentialMovingAverage
from callbacks.averages.stochastic import StochasticWeightAveraging
from callbacks.best_epoch import BestEpoch
from callbacks.prediction_table import PredictionTable
from datamodules.augmentation.images import RandomShift
from datamodules.augmentation.tables import NumericNoise
from datamodules.image import ImageDataModule
from datamodules.samplers.class_balanced import ClassBalanced
from datamodules.splits.split import Split
from datamodules.splits.splitter import Undivided
from datamodules.supervised import SupervisedDataModule
from datamodules.tabular import TabularDataModule
from datamodules.text import TextDataModule
from fulgurite.defaults import default_callbacks
from fulgurite.settings import TRAINER
from lightning_modules.adapters.lora import LoRA
from lightning_modules.backbones.ft_transformer import FTTransformer
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.backbones.text_transformer import TextTransformer
from lightning_modules.backbones.vision_transformer import VisionTransformer
from lightning_modules.classification import Classification
from lightning_modules.regression import Regression

Built = tuple[L.LightningModule, SupervisedDataModule]


class Few:
    """A split that holds out fewer rows than there are processes."""

    leave_out: list[str] = []  # noqa: RUF012

    def __call__(self, undivided: Undivided) -> Split:
        rows = undivided.rows
        return Split(rows[:9], rows[9:10], rows[10:11])


def table(folder: Path) -> str:
    """Write a table with a text, a category, a number and a target of each kind."""
    rng = np.random.default_rng(0)
    age = rng.integers(18, 80, 203)
    words = np.array(["good", "bad", "soup", "tea", "late", "warm", "cold", "fine"])
    texts = [" ".join(rng.choice(words, rng.integers(1, 30))) for _ in age]
    frame = pl.DataFrame(
        {
            "age": age,
            "height": rng.normal(170, 10, len(age)).round(1),
            "city": rng.choice(["Bern", "Oslo", "Rome"], len(age)),
            "buys": np.where(age > 45, "yes", "no"),
            "plan": np.select([age < 35, age < 55], ["free", "basic"], "gold"),
            "likes": rng.choice(["art", "art|food", "food|golf"], len(age)),
            "spends": age * 20.0,
            "saves": (age**2 + 0.5).round(2),
            "says": texts,
            "mood": ["up" if "good" in text else "down" for text in texts],
        }
    )
    path = folder / "table.csv"
    frame.write_csv(path)
    return str(path)


def vision(source: str) -> Built:
    data = ImageDataModule("sample:digits", augment=[RandomShift()])
    backbone = partial(VisionTransformer, dim=16, depth=1, dropout=0.0)
    return Classification(data.spec, backbone, optimizer=partial(SGD, lr=0.05)), data


def text(source: str, **how: Any) -> Built:
    data = TextDataModule(source, text="says", target="mood", batch_size=None, **how)
    backbone = partial(TextTransformer, dim=16, depth=1, dropout=0.0, token_dropout=0.0)
    return Classification(data.spec, backbone, optimizer=partial(SGD, lr=0.05)), data


def columns(
    source: str,
    target: str | list[str] = "plan",
    weight: Literal["balanced"] | None = None,
    **how: Any,
) -> Built:
    data = TabularDataModule(source, target=target, leave_out=["says"], **how)
    backbone = partial(TabularMLP, width=16, depth=1, dropout=0.0)
    optimizer = partial(SGD, lr=0.05)
    if "spends" in target:
        return Regression(data.spec, backbone, optimizer=optimizer), data
    return Classification(data.spec, backbone, class_weight=weight, optimizer=optimizer), data


def adapted(source: str) -> Built:
    data = TabularDataModule(source, target="plan", leave_out=["says"])
    backbone = partial(FTTransformer, dim=16, depth=1, dropout=0.0)
    adapter = LoRA(rank=2)
    optimizer = partial(SGD, lr=0.05)
    return Classification(data.spec, backbone, optimizer=optimizer, adapter=adapter), data


FAMILIES: dict[str, Callable[[str], Built]] = {
    "vision": vision,
    "text": text,
    "table": columns,
    "weighted": partial(columns, weight="balanced"),
    "adapted": adapted,
    "labels": partial(columns, target="likes", separator="|"),
    "numbers": partial(columns, target="spends"),
    "averaged": columns,
    "averaged at the end": partial(columns, target="spends"),
    "balanced": partial(columns, sampler=ClassBalanced(), augment=[NumericNoise(0.1)]),
    "balanced texts": partial(text, sampler=ClassBalanced(0.5)),
    "few": partial(columns, split=Few()),
    "few numbers": partial(columns, target=["spends", "saves"], split=Few()),
}
AVERAGES: dict[str, Callable[[], L.Callback]] = {
    "averaged": partial(ExponentialMovingAverage, 0.9),
    "averaged at the end": partial(StochasticWeightAveraging, 0.5),
}


def trained(name: str, devices: int, folder: Path) -> None:
    """Fit, test and predict, and write down what came of it."""
    L.seed_everything(0, verbose=False)
    module, data = FAMILIES[name](str(folder / "table.csv"))
    settings = TRAINER | {"max_epochs": 2 if name == "vision" else 4, "enable_checkpointing": False}
    parsed: Any = type("Settings", (), {"enable_progress_bar": False, "logger": False})
    stopping = EarlyStopping("val/loss", patience=1, min_delta=0.05)  # some stop before their time
    callbacks = [*default_callbacks(parsed, None, None), stopping]
    callbacks += [AVERAGES[name]()] if name in AVERAGES else []

    def trainer(*more: L.Callback) -> L.Trainer:
        how = {**settings, "accelerator": "cpu", "devices": devices, "enable_progress_bar": False}
        return L.Trainer(**how, callbacks=[*callbacks, *more], logger=False)

    fitted = trainer()
    fitted.fit(module, data)
    figures = {key: float(value) for key, value in fitted.callback_metrics.items()}
    (best,) = (callback for callback in callbacks if isinstance(callback, BestEpoch))
    (tested,) = trainer().test(module, data, verbose=False)
    trainer(PredictionTable(folder / f"{name}-predicted.csv")).predict(
        module, data, return_predictions=False
    )
    figures |= dict(tested)
    told = {"figures": figures, "epoch": best.epoch, "stopped": stopping.stopped_epoch}
    (folder / f"{name}-{fitted.global_rank}.json").write_text(json.dumps(told))
    torch.save(module.state_dict(), folder / f"{name}-{fitted.global_rank}.pt")


if __name__ == "__main__":
    devices, folder = int(sys.argv[1]), Path(sys.argv[2])
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    if not (folder / "table.csv").exists():
        table(folder)
    for name in sys.argv[3:] or FAMILIES:
        trained(name, devices, folder)
