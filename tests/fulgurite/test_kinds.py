"""What classes there are of each kind: all of them importable, and none that is no choice."""

import importlib
import inspect
from collections import Counter
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.loggers import Logger
from torch import nn
from torch.optim.lr_scheduler import LRScheduler

from datamodules.cleaning.step import CleaningStep
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.steps.step import Step
from datamodules.samplers.sampler import RowSampler
from datamodules.sources.reader import Reader
from fulgurite.kinds import (
    KINDS,
    ROOMS,
    class_named,
    classes_of,
    kind_at,
    kind_of_key,
    our_classes,
)
from fulgurite.source_classes import classes_in
from lightning_modules.adapters.adapter import Adapter
from lightning_modules.parameter_groups.groups import ParameterGroups

BASES: dict[str, Any] = {
    "datamodules": L.LightningDataModule,
    "models": L.LightningModule,
    "backbones": nn.Module,
    "adapters": Adapter,
    "heads": nn.Module,
    "losses": nn.Module,
    "optimizers": torch.optim.Optimizer,
    "schedules": LRScheduler,
    "parameter_groups": ParameterGroups,
    "callbacks": L.Callback,
    "augmentations": nn.Module,
    "cleaning": CleaningStep,
    "features": ColumnFeatures,
    "steps": Step,
    "splits": object,
    "samplers": RowSampler,
    "readers": Reader,
    "loggers": Logger,
}


def imported(path: str) -> type:
    module, _, name = path.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    assert inspect.isclass(found)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_class_of_a_kind_is_one(kind):
    entries = classes_of(kind)
    assert entries
    for entry in entries.values():
        assert issubclass(imported(entry.path), BASES[kind]), entry.path


@pytest.mark.parametrize("kind", KINDS)
def test_a_user_can_give_every_parameter_that_is_told(kind):
    for entry in classes_of(kind).values():
        known = inspect.signature(imported(entry.path)).parameters
        assert set(entry.parameters) <= set(known), entry.path
        assert not set(entry.parameters) & KINDS[kind].given


def test_our_backbones_are_all_there_and_nothing_else():
    assert set(classes_of("backbones")) >= {"ConvNet", "ResNet", "TabularMLP", "TextTransformer"}
    assert "spec" not in classes_of("backbones")["ConvNet"].parameters
    assert classes_of("optimizers")["AdamW"].parameters["lr"].default is not None
    assert {"AdamW", "SGD", "Muon"} <= set(classes_of("optimizers"))
    assert "ReduceLROnPlateau" not in classes_of("schedules")
    assert classes_of("schedules")["Constant"].parameters.keys() == {"warmup"}  # of its base


def test_a_key_says_the_kind():
    assert kind_of_key("backbone") == "backbones"
    assert kind_of_key("nothing") is None
    assert kind_at(("model", "backbone")) == "backbones"
    assert kind_at(("trainer", "callbacks", "0")) == "callbacks"


@pytest.mark.parametrize(
    ("name", "key", "path"),
    [
        ("Adam", "optimizer", "torch.optim.Adam"),
        ("Adam", "loss", None),
        ("ConvNet", "loss", "lightning_modules.backbones.convnet.ConvNet"),
        ("Nothing", "backbone", None),
    ],
)
def test_a_class_is_named_under_its_key_and_ours_anywhere(name, key, path):
    entry = class_named(name, key)
    assert (None if entry is None else entry.path) == path


def test_a_short_name_means_one_class():
    found = [entry.name for room in ROOMS for entry in classes_in(room)]
    assert [name for name, count in Counter(found).items() if count > 1] == []
    assert len(found) > 40


def test_every_path_of_ours_can_be_imported():
    for entry in our_classes().values():
        assert imported(entry.path).__name__ == entry.name
