"""What every run has unless its settings say otherwise."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint

from callbacks.best_epoch import BestEpoch
from callbacks.progress import EpochProgress
from callbacks.reproducible import Reproducible
from callbacks.training_loss import TrainingLoss
from callbacks.weighted_shards import WeightedShards
from fulgurite.defaults import default_callbacks, default_loggers, stopping_and_checkpoints

ALL = [
    Reproducible,
    WeightedShards,
    TrainingLoss,
    BestEpoch,
    EpochProgress,
    LearningRateMonitor,
]


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, []),
        ({"enable_progress_bar": False}, [EpochProgress]),
        ({"logger": False}, [LearningRateMonitor]),
    ],
)
def test_what_is_switched_off_is_not_there(settings, missing):
    trainer = SimpleNamespace(**{"enable_progress_bar": None, "logger": None, **settings})
    kinds = [type(callback) for callback in default_callbacks(trainer, ModelCheckpoint())]
    assert kinds == [kind for kind in ALL if kind not in missing]


def test_the_best_epoch_is_ranked_as_the_best_checkpoint_is():
    trainer = SimpleNamespace(enable_progress_bar=None, logger=None)
    best = ModelCheckpoint(monitor="val/f1", mode="max")
    (ranked,) = (c for c in default_callbacks(trainer, best) if isinstance(c, BestEpoch))
    assert (ranked.monitor, ranked.mode) == ("val/f1", "max")


def test_checkpoints_lie_in_the_run_folder(tmp_path):
    stopping, best = EarlyStopping("val/loss"), ModelCheckpoint(monitor="val/loss", filename="best")
    chosen = stopping_and_checkpoints(tmp_path, stopping, best, validated=True)
    assert chosen[:2] == [stopping, best]
    last = chosen[2]
    assert isinstance(last, ModelCheckpoint)
    assert last.filename == "last"
    assert {Path(str(c.dirpath)) for c in (best, last)} == {tmp_path / "checkpoints"}


def test_a_folder_that_the_user_names_is_kept(tmp_path):
    best = ModelCheckpoint(tmp_path / "mine", monitor="val/loss")
    stopping_and_checkpoints(tmp_path, None, best, validated=True)
    assert best.dirpath == str(tmp_path / "mine")


def test_without_validation_there_is_no_best_and_nothing_stops_early(tmp_path):
    stopping, best = EarlyStopping("val/loss"), ModelCheckpoint(monitor="val/loss")
    (last,) = stopping_and_checkpoints(tmp_path, stopping, best, validated=False)
    assert isinstance(last, ModelCheckpoint)
    assert last.filename == "last"


def test_what_the_user_nulls_is_not_there(tmp_path):
    stopping, best = EarlyStopping("val/loss"), ModelCheckpoint(monitor="val/loss")
    assert stopping_and_checkpoints(tmp_path, stopping, None, validated=True) == [stopping]
    assert len(stopping_and_checkpoints(tmp_path, None, best, validated=True)) == 2


def test_curves_lie_in_the_run_folder_itself(tmp_path):
    assert {Path(str(logger.log_dir)) for logger in default_loggers(tmp_path)} == {tmp_path}
