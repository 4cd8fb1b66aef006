"""A moving average of the weights: by hand, measured, saved, resumed."""

import copy
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch import Tensor

from callbacks.averages.exponential import ExponentialMovingAverage, decay_after
from callbacks.averages.stochastic import StochasticWeightAveraging
from callbacks.last_checkpoint import LastCheckpoint
from callbacks.reproducible import Reproducible
from datamodules.errors import UserError

Weights = dict[str, Tensor]


class Watch(Callback):
    """Remember the weights after each step, and those that validation had."""

    def __init__(self) -> None:
        self.steps: list[Weights] = []
        self.measured: list[Weights] = []

    def on_train_start(self, trainer, pl_module) -> None:
        self.steps.append(copy.deepcopy(pl_module.state_dict()))

    def on_train_batch_end(self, trainer, pl_module, *_) -> None:
        self.steps.append(copy.deepcopy(pl_module.state_dict()))

    def on_validation_batch_end(self, trainer, pl_module, *_) -> None:
        self.measured.append(copy.deepcopy(pl_module.state_dict()))


def by_hand(steps: list[Weights], decay: float) -> Weights:
    average = {name: values.clone() for name, values in steps[0].items()}
    for count, weights in enumerate(steps[1:]):
        kept = decay_after(count, decay)
        for name, values in weights.items():
            average[name] = kept * average[name] + (1 - kept) * values
    return average


def close(one: Weights, other: Weights) -> None:
    assert one.keys() == other.keys()
    for name, values in one.items():
        if values.is_floating_point():
            torch.testing.assert_close(values, other[name], rtol=1e-4, atol=1e-6, msg=name)


def same(one: Weights, other: Weights) -> bool:
    return all(torch.equal(values, other[name]) for name, values in one.items())


def fitted(run, trainer, *callbacks: Callback, **settings: Any) -> tuple[L.LightningModule, Watch]:
    module, data = run(dropout=0.3)
    watch = Watch()
    built = trainer(callbacks=[Reproducible(), *callbacks, watch], **settings)
    built.fit(module, data)
    return module, watch


def test_the_decay_grows_from_a_tenth_to_what_is_asked_for():
    assert decay_after(0, 0.999) == 0.1
    assert decay_after(90, 0.999) == pytest.approx(0.91)
    assert decay_after(10**6, 0.999) == 0.999
    left = 1.0
    for count in range(20):  # of the random weights after twenty steps
        left *= decay_after(count, 0.999)
    assert left < 1e-6


@pytest.mark.parametrize("decay", [0.5, 0.999])
def test_validation_and_the_module_in_the_end_have_the_average_and_training_does_not(
    run, trainer, decay
):
    module, watch = fitted(run, trainer, ExponentialMovingAverage(decay), max_epochs=2)
    close(watch.measured[-1], by_hand(watch.steps, decay))
    close(dict(module.state_dict()), by_hand(watch.steps, decay))
    _, plain = fitted(run, trainer, max_epochs=2)
    assert len(plain.steps) == len(watch.steps)
    assert all(same(one, other) for one, other in zip(plain.steps, watch.steps, strict=True))


def test_accumulated_gradients_make_one_step(run, trainer):
    average = ExponentialMovingAverage()
    fitted(run, trainer, average, max_epochs=1, accumulate_grad_batches=2)
    assert average.count == 3  # of five batches


def test_what_is_frozen_costs_nothing_until_it_is_trained(run, trainer):
    class Thaw(Callback):
        def on_train_epoch_start(self, trainer, pl_module) -> None:
            pl_module.backbone.requires_grad_(trainer.current_epoch > 0)

    module, data = run()
    average, watch = ExponentialMovingAverage(0.9), Watch()
    module.backbone.requires_grad_(False)
    trainer(callbacks=[average, Thaw(), watch], max_epochs=1).fit(module, data)
    assert all(not name.startswith("backbone") for name in average.average)
    module, data = run()
    average, watch = ExponentialMovingAverage(0.9), Watch()
    # the optimizer is given what requires gradients, so all is thawed when it is built
    trainer(callbacks=[average, Thaw(), watch], max_epochs=2).fit(module, data)
    close(dict(module.state_dict()), by_hand(watch.steps, 0.9))


@pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended")
@pytest.mark.filterwarnings("ignore:Checkpoint directory")
def test_a_checkpoint_holds_the_average_as_its_weights_and_a_run_is_resumed_bit_by_bit(
    run, trainer, tmp_path
):
    def kept(folder: str) -> list[Callback]:
        best = ModelCheckpoint(
            tmp_path / folder, monitor="val/loss", filename="best", save_on_train_epoch_end=False
        )
        return [best, LastCheckpoint(tmp_path / folder / "last.ckpt", every_n_train_steps=3)]

    saving = {"enable_checkpointing": True}
    whole, watch = fitted(
        run, trainer, ExponentialMovingAverage(0.9), *kept("a"), max_epochs=3, **saving
    )
    best = torch.load(tmp_path / "a/best.ckpt", weights_only=True)
    assert any(same(best["state_dict"], measured) for measured in watch.measured)

    for steps in (4, 5, 8):  # in the middle of an epoch, and at its end
        folder = f"b{steps}"
        fitted(
            run, trainer, ExponentialMovingAverage(0.9), *kept(folder),
            max_epochs=3, max_steps=steps, **saving,
        )  # fmt: skip
        module, data = run(dropout=0.3)
        average = ExponentialMovingAverage(0.9)
        later = trainer(callbacks=[Reproducible(), average, *kept(folder)], max_epochs=3, **saving)
        later.fit(module, data, ckpt_path=tmp_path / folder / "last.ckpt", weights_only=True)
        assert average.count == 15
        assert same(dict(module.state_dict()), dict(whole.state_dict()))
        one, other = (
            torch.load(tmp_path / each / "last.ckpt", weights_only=True) for each in ("a", folder)
        )
        states = [each["callbacks"]["ExponentialMovingAverage"] for each in (one, other)]
        assert same(states[0]["weights"], states[1]["weights"])
        assert same(states[0]["average"], states[1]["average"])


def test_without_evaluation_figures_are_of_the_weights_and_the_average_lies_beside(
    run, trainer, tmp_path
):
    last = LastCheckpoint(tmp_path / "last.ckpt")
    average = ExponentialMovingAverage(0.9, evaluate=False)
    module, watch = fitted(
        run, trainer, average, last, max_epochs=2, enable_checkpointing=True
    )  # fmt: skip
    assert same(watch.measured[-1], watch.steps[-1])
    assert same(dict(module.state_dict()), watch.steps[-1])
    weights = torch.load(tmp_path / "last.ckpt", weights_only=True)["state_dict"]
    assert same(weights, watch.steps[-1])
    beside = torch.load(tmp_path / "averaged.ckpt", weights_only=True)["state_dict"]
    close(beside, by_hand(watch.steps, 0.9))


def test_half_floats_are_averaged_in_whole_ones(run, trainer):
    average = ExponentialMovingAverage(0.999)
    module, _ = fitted(run, trainer, average, max_epochs=1, precision="bf16-true")
    assert next(module.parameters()).dtype == torch.bfloat16
    assert all(values.dtype == torch.float32 for values in average.average.values())


def test_two_averages_or_weights_alone_are_refused(run, trainer, tmp_path):
    both = [ExponentialMovingAverage(), StochasticWeightAveraging()]
    module, data = run()
    with pytest.raises(UserError, match="ExponentialMovingAverage and StochasticWeightAveraging "):
        trainer(callbacks=both).fit(module, data)
    alone = ModelCheckpoint(Path(tmp_path), save_weights_only=True)
    with pytest.raises(
        UserError, match=r"--checkpoint\.save_weights_only keeps the weights without"
    ):
        trainer(callbacks=[both[0], alone], enable_checkpointing=True).fit(module, data)
    with pytest.raises(UserError, match="decay from 0 to below 1, but got 1"):
        ExponentialMovingAverage(1.0)
