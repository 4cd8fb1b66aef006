"""A line for each epoch, a bar on a terminal, and nothing where it is disabled."""

import io
import re

import lightning as L
import pytest
import torch
from rich.console import Console

from callbacks import progress
from callbacks.progress import EpochProgress, epoch_line

LIGHTNING = ("GPU", "TPU", "💡")
"""How the lines begin that Lightning writes, which the command keeps quiet."""


def test_a_line_has_training_first_and_no_rates():
    figures = {
        "val/loss": torch.tensor(0.123456),
        "lr-AdamW": torch.tensor(0.001),
        "train/loss": torch.tensor(12345.6),
        "val/accuracy": torch.tensor(1.0),
        "mine": 2,
    }
    assert epoch_line(3, figures, 1.25) == (
        "epoch   3  train/loss 1.235e+04  val/loss 0.1235  mine 2  val/accuracy 1  1.2 s"
    )
    assert epoch_line(3, figures, 1.25, width=60) == (
        "epoch   3  train/loss 1.235e+04  val/loss 0.1235  1.2 s"
    )


def test_one_line_an_epoch_and_no_bar_where_there_is_no_terminal(run, trainer, capfd, monkeypatch):
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    module, data = run()
    watched = trainer(max_epochs=3, enable_progress_bar=True, callbacks=[EpochProgress()])
    capfd.readouterr()
    watched.fit(module, data)
    watched.test(module, data, verbose=False)
    out, err = capfd.readouterr()
    lines = [line for line in err.splitlines() if not line.startswith(LIGHTNING)]
    assert [line.split()[:2] for line in lines] == [["epoch", n] for n in "123"]
    assert all(re.search(r"  val/loss \d[\d.e-]*  .*  \d+\.\d s$", line) for line in lines)
    assert out == ""


def test_nothing_where_it_is_disabled(run, trainer, capfd):
    module, data = run()
    silent = EpochProgress()
    watched = trainer(enable_progress_bar=True, callbacks=[silent])
    silent.disable()
    capfd.readouterr()
    watched.fit(module, data)
    assert "epoch" not in capfd.readouterr().err
    silent.enable()
    watched.fit_loop.max_epochs = 2
    watched.fit(module, data)
    assert "epoch   2" in capfd.readouterr().err


@pytest.fixture
def terminal(monkeypatch) -> io.StringIO:
    """Collect what a terminal would show, with a bar from the first batch on."""
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    screen = io.StringIO()
    terminal = {"file": screen, "force_terminal": True, "width": 80, "legacy_windows": False}
    monkeypatch.setattr(progress, "Console", lambda **given: Console(**{**given, **terminal}))
    return screen


def test_a_terminal_has_a_bar_while_something_lasts(run, trainer, terminal):
    module, data = run()
    bar = EpochProgress()
    watched = trainer(max_epochs=2, enable_progress_bar=True, callbacks=[bar])
    watched.fit(module, data)
    watched.validate(module, data, verbose=False)
    watched.test(module, data, verbose=False)
    watched.predict(module, data)
    shown = terminal.getvalue()
    for title in ("epoch 1/2", "epoch 2/2", "validating", "testing", "predicting"):
        assert title in shown
    assert "5/5" in shown
    assert bar.bar is None


def test_no_bar_for_what_is_over_at_once(run, trainer, terminal, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 60.0)
    module, data = run()
    trainer(enable_progress_bar=True, callbacks=[EpochProgress()]).fit(module, data)
    assert "epoch 1/1" not in terminal.getvalue()
    assert "epoch   1" in terminal.getvalue()


def test_a_run_that_breaks_off_takes_its_bar_away(run, trainer, terminal):
    class Break(L.Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            if batch_idx == 2:
                raise ArithmeticError

    module, data = run()
    bar = EpochProgress()
    with pytest.raises(ArithmeticError):
        trainer(enable_progress_bar=True, callbacks=[bar, Break()]).fit(module, data)
    assert "epoch 1/1" in terminal.getvalue()
    assert bar.bar is None
