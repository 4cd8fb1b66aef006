"""The checkpoint from which training goes on: when it is written."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from callbacks.last_checkpoint import LastCheckpoint


class FakeTrainer(SimpleNamespace):
    """Where training stands, and what was saved."""

    def __init__(self, **state: Any) -> None:
        usual: dict[str, Any] = {"global_step": 0, "current_epoch": 0, "is_last_batch": False}
        usual |= {"should_stop": False, "max_steps": -1, "loggers": []}
        super().__init__(**{**usual, **state})
        self.strategy = SimpleNamespace(broadcast=lambda value: value)
        self.saved: list[int] = []

    def save_checkpoint(self, path: object) -> None:
        self.saved.append(self.global_step)


def train(last: LastCheckpoint, epochs: int = 2, batches: int = 4, **state: Any) -> list[int]:
    """Go through epochs, and return the steps at which the file was written."""
    trainer: Any = FakeTrainer(**state)
    module: Any = None
    for trainer.current_epoch in range(epochs):
        for batch in range(batches):
            trainer.global_step += 1
            trainer.is_last_batch = batch == batches - 1
            last.on_train_batch_end(trainer, module, None, None, batch)
            if trainer.global_step == trainer.max_steps:
                break
        last.on_train_epoch_end(trainer, module)
        if trainer.global_step == trainer.max_steps:
            break
    last.on_train_end(trainer, module)
    saved: list[int] = trainer.saved
    return saved


@pytest.mark.parametrize(
    ("settings", "state", "steps"),
    [
        ({}, {}, [4, 8]),
        ({"every_n_train_steps": 3}, {}, [3, 4, 6, 8]),
        ({"every_n_train_steps": 2}, {}, [2, 4, 6, 8]),
        ({"every_n_epochs": 2}, {}, [8]),
        ({"every_n_epochs": 3}, {}, [8]),
        ({"train_time_interval": timedelta(0)}, {}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"train_time_interval": timedelta(days=1)}, {}, [4, 8]),
        ({}, {"max_steps": 6}, [4, 6]),
        ({}, {"max_steps": 4}, [4]),
    ],
)
def test_when_it_is_written(settings, state, steps):
    assert train(LastCheckpoint("last.ckpt", **settings), **state) == steps


def test_a_step_of_several_batches_is_saved_once():
    last = LastCheckpoint("last.ckpt", every_n_train_steps=2)
    trainer: Any = FakeTrainer(global_step=2)
    for batch in range(3):
        last.on_train_batch_end(trainer, None, None, None, batch)  # type: ignore[arg-type]
    assert trainer.saved == [2]


def test_an_epoch_that_is_left_in_its_middle_is_saved_there_and_not_at_its_end():
    last = LastCheckpoint("last.ckpt")
    trainer: Any = FakeTrainer(global_step=2, should_stop=True)
    last.on_train_batch_end(trainer, None, None, None, 1)  # type: ignore[arg-type]
    last.on_train_epoch_end(trainer, None)  # type: ignore[arg-type]
    last.on_train_end(trainer, None)  # type: ignore[arg-type]
    assert trainer.saved == [2]
