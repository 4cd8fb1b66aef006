"""A run's settings and its best figures, so that runs can be compared while they last and after."""

import pytest

from callbacks.best_epoch import BestEpoch
from callbacks.settings import Settings, compared
from callbacks.tensorboard import Curves
from callbacks.training_loss import TrainingLoss

TOLD: dict[str, int | float | str] = {
    "model": "Net",
    "model.optimizer.lr": 0.5,
    "seed_everything": 3,
    "model.bias": "true",
}


def test_hyperparameters_config_and_best_figures_lie_in_the_one_event_file(
    run, trainer, tmp_path, events
):
    module, data = run(rate=0.5)  # far too high: the loss goes up and down
    best = BestEpoch("val/accuracy", "max")
    told = Settings(best, TOLD, "data: here")
    callbacks = [TrainingLoss(), best, told]
    trainer(max_epochs=6, logger=Curves(str(tmp_path / "run")), callbacks=callbacks).fit(
        module, data
    )
    assert len(list((tmp_path / "run").rglob("*"))) == 1
    read = events(tmp_path / "run")
    assert read.hyperparameters() == TOLD
    assert read.is_over()
    assert read.text("config") == "```yaml\ndata: here\n```"
    curve = read.scalar("best/val/accuracy")
    assert [figure for _, figure in curve] == sorted({figure for _, figure in curve})
    assert best.epoch is not None
    assert curve[-1] == (best.epoch * 5 + 4, pytest.approx(best.figures["val/accuracy"]))
    assert set(curve) <= set(read.scalar("val/accuracy"))
    assert read.scalar("best/val/loss")[-1][1] == pytest.approx(best.figures["val/loss"])
    assert "best/train/loss" not in read.tags["scalars"]


def test_a_run_that_breaks_off_has_its_settings_and_is_not_over(run, trainer, tmp_path, events):
    module, data = run()
    best = BestEpoch()
    curves = Curves(str(tmp_path / "run"))

    def fail(batch, batch_idx):
        raise RuntimeError("it broke")

    module.validation_step = fail
    watched = trainer(logger=curves, callbacks=[best, Settings(best, TOLD, "")])
    with pytest.raises(RuntimeError, match="it broke"):
        watched.fit(module, data)
    read = events(tmp_path / "run")
    assert read.hyperparameters() == TOLD
    assert not read.is_over()


def test_a_run_that_goes_on_begins_with_what_was_best(run, trainer, tmp_path, events):
    module, data = run()
    best = BestEpoch("val/f1", "max")
    best.epoch, best.figures = 7, {"val/f1": 2.0, "val/loss": 0.5}
    curves = Curves(str(tmp_path / "run"))
    trainer(logger=curves, callbacks=[best, Settings(best, TOLD, "")]).fit(module, data)
    assert events(tmp_path / "run").scalar("best/val/loss") == [(0, 0.5)]


def test_without_tensorboard_nothing_is_written(run, trainer, tmp_path):
    module, data = run()
    before = set(tmp_path.rglob("*"))
    best = BestEpoch()
    trainer(callbacks=[best, Settings(best, TOLD, "")]).fit(module, data)
    assert set(tmp_path.rglob("*")) == before


def test_the_training_loss_compares_only_where_nothing_is_validated():
    assert compared({"train/loss": 1.0, "val/loss": 2.0, "mine": 3.0}) == {
        "val/loss": 2.0,
        "mine": 3.0,
    }
    assert compared({"train/loss": 1.0}) == {"train/loss": 1.0}
