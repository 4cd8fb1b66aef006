"""How a run ended, and that it is known later."""

import math
from pathlib import Path
from types import SimpleNamespace

import pytest
from lightning.pytorch.callbacks import EarlyStopping, Timer

from fulgurite.outcome import Outcome, forget_outcome, how_it_ended, read_outcome


def test_what_is_written_is_read(tmp_path):
    outcome = Outcome("all epochs", 3, {"val/loss": 0.5, "val/auroc": math.nan}, 1.5)
    outcome.write(tmp_path)
    read = read_outcome(tmp_path)
    assert read is not None
    assert math.isnan(read.metrics.pop("val/auroc"))
    assert read == Outcome("all epochs", 3, {"val/loss": 0.5}, 1.5)
    assert "NaN" not in (tmp_path / "result.json").read_text()


def test_an_outcome_that_is_taken_back_is_gone(tmp_path):
    Outcome("interrupted", None, {}, 1.5).write(tmp_path)
    forget_outcome(tmp_path)
    assert read_outcome(tmp_path) is None
    forget_outcome(tmp_path)  # a run that was killed has none to take back


@pytest.mark.parametrize("text", [None, "{", "[]", '{"metrics": {}}', '{"metrics": 3}'])
def test_a_run_that_never_said_has_none(tmp_path, text):
    if text is not None:
        Path(tmp_path, "result.json").write_text(text)
    assert read_outcome(tmp_path) is None


def test_why_training_is_over():
    stopping = EarlyStopping("val/loss")
    timer = Timer("00:00:00:05")
    trainer = SimpleNamespace(interrupted=False, callbacks=[stopping, timer])
    assert how_it_ended(trainer) == "all epochs"  # type: ignore[arg-type]
    timer._offset = 6
    assert how_it_ended(trainer) == "out of time"  # type: ignore[arg-type]
    stopping.stopped_epoch = 3
    assert how_it_ended(trainer) == "stopped early"  # type: ignore[arg-type]
    trainer.interrupted = True
    assert how_it_ended(trainer) == "interrupted"  # type: ignore[arg-type]
