"""What every run has unless its settings say otherwise."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from jsonargparse import dict_to_namespace
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint

from callbacks.best_epoch import BestEpoch
from callbacks.interruption import Interruption
from callbacks.last_checkpoint import LastCheckpoint
from callbacks.learning_rates import LearningRates
from callbacks.parameter_table import ParameterTable
from callbacks.pictures.validation_pictures import ValidationPictures
from callbacks.progress import EpochProgress
from callbacks.reproducible import Reproducible
from callbacks.settings import Settings
from callbacks.training_loss import TrainingLoss
from callbacks.weighted_shards import WeightedShards
from fulgurite.defaults import (
    default_callbacks,
    default_loggers,
    stopping_and_checkpoints,
    take_triggers,
)
from fulgurite.metrics_csv import MetricsCSV

LOGGED = [LearningRates, Settings, ValidationPictures]
ALL = [
    Reproducible,
    WeightedShards,
    TrainingLoss,
    BestEpoch,
    ParameterTable,
    EpochProgress,
    *LOGGED,
]


@pytest.mark.parametrize(
    ("bar", "logged", "missing"),
    [
        (None, True, []),
        (False, True, [EpochProgress]),
        (None, False, LOGGED),
    ],
)
def test_what_is_switched_off_is_not_there(bar, logged, missing):
    trainer = SimpleNamespace(enable_progress_bar=bar)
    found = default_callbacks(trainer, ModelCheckpoint(), {} if logged else None)
    kinds = [type(callback) for callback in found]
    assert kinds == [kind for kind in ALL if kind not in missing]


def test_the_best_epoch_is_ranked_as_the_best_checkpoint_is():
    trainer = SimpleNamespace(enable_progress_bar=None)
    best = ModelCheckpoint(monitor="val/f1", mode="max")
    (ranked,) = (c for c in default_callbacks(trainer, best, {}) if isinstance(c, BestEpoch))
    assert (ranked.monitor, ranked.mode) == ("val/f1", "max")


def test_checkpoints_lie_in_the_run_folder(tmp_path):
    stopping, best = EarlyStopping("val/loss"), ModelCheckpoint(monitor="val/loss", filename="best")
    chosen = stopping_and_checkpoints(tmp_path, stopping, best, {}, validated=True)
    assert chosen[:2] == [stopping, best]
    last, interruption = chosen[2:]
    assert isinstance(last, LastCheckpoint)
    assert last.path == tmp_path / "checkpoints" / "last.ckpt"
    assert best.dirpath == str(tmp_path / "checkpoints")
    assert isinstance(interruption, Interruption)
    assert interruption.last is last


def test_a_folder_that_the_user_names_is_kept(tmp_path):
    best = ModelCheckpoint(tmp_path / "mine", monitor="val/loss")
    stopping_and_checkpoints(tmp_path, None, best, {}, validated=True)
    assert best.dirpath == str(tmp_path / "mine")


def test_without_validation_there_is_no_best_and_nothing_stops_early(tmp_path):
    stopping, best = EarlyStopping("val/loss"), ModelCheckpoint(monitor="val/loss")
    chosen = stopping_and_checkpoints(tmp_path, stopping, best, {}, validated=False)
    assert [type(each) for each in chosen] == [LastCheckpoint, Interruption]


def test_what_the_user_nulls_is_not_there(tmp_path):
    stopping, best = EarlyStopping("val/loss"), ModelCheckpoint(monitor="val/loss")
    kept, _ = stopping_and_checkpoints(tmp_path, stopping, None, {}, validated=True)
    assert kept is stopping
    chosen = stopping_and_checkpoints(tmp_path, None, best, {}, validated=True)
    assert [type(each) for each in chosen] == [ModelCheckpoint, LastCheckpoint, Interruption]


def test_curves_lie_in_the_run_folder_itself(tmp_path):
    assert {Path(str(logger.log_dir)) for logger in default_loggers(tmp_path)} == {tmp_path}


def test_what_says_when_a_checkpoint_is_written_is_for_the_last(tmp_path):
    arguments = dict_to_namespace({"every_n_train_steps": 5, "every_n_epochs": None})
    config = dict_to_namespace({"checkpoint": {"init_args": arguments}})
    triggers = take_triggers(config)
    assert triggers == {"every_n_train_steps": 5}
    assert config["checkpoint.init_args.every_n_train_steps"] is None
    best = ModelCheckpoint(monitor="val/loss")
    _, last, _ = stopping_and_checkpoints(tmp_path, None, best, triggers, validated=True)
    assert isinstance(last, LastCheckpoint)
    assert last.every_n_train_steps == 5
    assert best._every_n_train_steps == 0


def test_a_resumed_run_goes_on_in_its_table(tmp_path):
    (table,) = (each for each in default_loggers(tmp_path, 40) if isinstance(each, MetricsCSV))
    assert (table.path, table.from_step) == (tmp_path / "metrics.csv", 40)
