"""Figures become curves of their own names, and nothing else is written."""

from types import SimpleNamespace

import pytest
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

from callbacks.tensorboard import Curves, writers


def test_figures_are_curves_and_the_epoch_is_none(tmp_path, events):
    logger = Curves(str(tmp_path))
    logger.log_metrics({"val/loss": 0.5, "epoch": 1}, step=3)
    logger.log_metrics({"val/loss": 0.25, "epoch": 2}, step=7)
    logger.finalize("success")
    read = events(tmp_path)
    assert read.tags["scalars"] == ["val/loss"]
    assert read.scalar("val/loss") == [(3, 0.5), (7, 0.25)]


def test_nothing_but_one_event_file_is_written(run, trainer, tmp_path, events):
    module, data = run()
    module.save_hyperparameters({"mine": 1})  # a user's module may hand its own to the logger
    trainer(logger=Curves(str(tmp_path / "run"))).fit(module, data)
    (file,) = (tmp_path / "run").iterdir()
    assert file.name.startswith("events.out.tfevents.")
    assert "hp_metric" not in events(tmp_path / "run").tags["scalars"]


@pytest.mark.parametrize("is_zero", [True, False])
def test_only_rank_zero_and_only_tensorboard_writes(tmp_path, is_zero):
    loggers = [
        CSVLogger(tmp_path / "csv"),
        Curves(str(tmp_path / "a")),
        TensorBoardLogger(tmp_path),
    ]
    found = writers(SimpleNamespace(is_global_zero=is_zero, loggers=loggers))  # type: ignore[arg-type]
    assert len(found) == (2 if is_zero else 0)
    assert writers(SimpleNamespace(is_global_zero=True, loggers=[])) == []  # type: ignore[arg-type]
