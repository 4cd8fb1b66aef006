"""The training loss is the mean over an epoch's rows, whatever the batches."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning.pytorch.loggers import CSVLogger

from callbacks.training_loss import TrainingLoss, loss_weight


def step(
    callback: TrainingLoss,
    loss: float,
    rows: int,
    epoch: int = 0,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Tell of one batch."""
    where = SimpleNamespace(current_epoch=epoch, loggers=[])
    mean = torch.tensor(loss, requires_grad=True, dtype=dtype)
    outputs = {"loss": mean, "index": torch.arange(rows)}
    callback.on_train_batch_end(where, None, outputs, {}, 0)  # type: ignore[arg-type,typeddict-item]


def logged(callback: TrainingLoss) -> float:
    figures = {}

    def log(name, value, **_):
        figures[name] = float(value)

    where = SimpleNamespace(world_size=1, loggers=[], current_epoch=0)
    module = SimpleNamespace(log=log)
    callback.on_train_epoch_end(where, module)  # type: ignore[arg-type]
    return figures["train/loss"]


def test_a_small_batch_counts_for_its_rows():
    callback = TrainingLoss()
    step(callback, 1.0, rows=9)
    step(callback, 11.0, rows=1)
    assert logged(callback) == 2.0


def test_a_process_without_a_row_says_nothing():
    callback = TrainingLoss()
    step(callback, 2.0, rows=3)
    step(callback, float("nan"), rows=0)
    assert logged(callback) == 2.0


def test_a_module_may_say_what_its_loss_counts_for():
    rows: Any = {"index": torch.arange(3), "target": torch.tensor([0, 1, 1])}
    plain: Any = SimpleNamespace()
    assert loss_weight(plain, rows) == 3
    weighted: Any = SimpleNamespace(loss_weight=lambda target: target.sum() * 10)
    assert loss_weight(weighted, rows) == 20


def test_half_floats_do_not_stop_the_sum():
    callback = TrainingLoss()
    for _ in range(1000):
        step(callback, 1.0, rows=3, dtype=torch.bfloat16)
    assert logged(callback) == 1.0


def test_each_epoch_and_each_run_has_a_mean_of_its_own():
    callback = TrainingLoss()
    step(callback, 1.0, rows=9)
    step(callback, 5.0, rows=2, epoch=1)
    assert logged(callback) == 5.0
    step(callback, 7.0, rows=2, epoch=1)  # another run, by the same callback
    assert logged(callback) == 7.0


def test_an_epoch_that_is_resumed_in_its_middle_has_all_its_rows():
    callback, again = TrainingLoss(), TrainingLoss()
    step(callback, 1.0, rows=9, epoch=2)
    again.load_state_dict(callback.state_dict())
    step(again, 11.0, rows=1, epoch=2)
    assert logged(again) == 2.0


def test_in_a_fit_it_is_the_loss_of_all_training_rows(run, trainer):
    module, data = run(rate=0.0)  # weights that stay, so that the order does not matter
    watched = trainer(max_epochs=2, callbacks=[TrainingLoss()])
    watched.fit(module, data)
    rows = data.store[data.split.train]
    assert {len(batch["index"]) for batch in data.train_dataloader()} == {16, 17}
    expected = module.eval().training_step(rows, 0)["loss"].detach()
    assert float(watched.callback_metrics["train/loss"]) == pytest.approx(float(expected))


def test_single_steps_are_logged_now_and_then(run, trainer, tmp_path):
    module, data = run()
    logger = CSVLogger(tmp_path / "run", name="", version="")
    watched = trainer(max_epochs=2, logger=logger, log_every_n_steps=4, callbacks=[TrainingLoss()])
    watched.fit(module, data)
    header, *lines = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    place = header.split(",").index("train/loss_step")
    steps = header.split(",").index("step")
    assert [line.split(",")[steps] for line in lines if line.split(",")[place]] == [
        "3",
        "7",
    ]  # numbered from zero
