"""Ctrl-C between two steps."""

import os
import signal
from types import SimpleNamespace
from typing import Any

import pytest

from callbacks.interruption import SIGNALS, Interruption


class Last:
    """Counts how often it saves."""

    saves = 0

    def save(self, trainer: object) -> None:
        self.saves += 1


@pytest.fixture
def listening() -> Any:
    """An interruption that hears signals, and its checkpoint."""
    last: Any = Last()
    interruption = Interruption(last)
    trainer: Any = SimpleNamespace(world_size=1, is_last_batch=False, is_global_zero=True)
    before = [signal.getsignal(number) for number in SIGNALS]
    interruption.on_fit_start(trainer, None)  # type: ignore[arg-type]
    yield interruption, last, trainer
    interruption.teardown(trainer, None, "fit")  # type: ignore[arg-type]
    assert [signal.getsignal(number) for number in SIGNALS] == before


@pytest.mark.parametrize("number", SIGNALS)
def test_training_ends_after_the_step_with_a_checkpoint(listening, number, capsys):
    interruption, last, trainer = listening
    interruption.on_train_batch_end(trainer, None, None, None, 0)
    os.kill(os.getpid(), number)
    assert "stopping after this step; once more stops at once" in capsys.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        interruption.on_train_batch_end(trainer, None, None, None, 1)
    assert last.saves == 1


def test_an_epoch_that_is_over_is_measured_first(listening):
    interruption, last, trainer = listening
    trainer.is_last_batch = True
    os.kill(os.getpid(), signal.SIGINT)
    interruption.on_train_batch_end(trainer, None, None, None, 3)
    with pytest.raises(KeyboardInterrupt):
        interruption.on_train_epoch_start(trainer, None)
    assert last.saves == 0  # the end of the epoch has been saved already


def test_the_second_one_ends_training_at_once(listening):
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("other", [False, True])
def test_several_processes_end_after_the_same_step(listening, other, capsys):
    interruption, last, trainer = listening
    trainer.world_size = 2

    def decide(asked: bool, **how: bool) -> bool:
        return (asked and other) if how["all"] else (asked or other)

    trainer.strategy = SimpleNamespace(reduce_boolean_decision=decide)
    if other:
        with pytest.raises(KeyboardInterrupt):
            interruption.on_train_batch_end(trainer, None, None, None, 0)
    else:
        interruption.on_train_batch_end(trainer, None, None, None, 0)
    assert last.saves == int(other)
    assert capsys.readouterr().err == ""


def test_an_error_gives_the_signals_back(listening):
    interruption, _, trainer = listening
    interruption.on_exception(trainer, None, ValueError())
    assert interruption.before == {}
