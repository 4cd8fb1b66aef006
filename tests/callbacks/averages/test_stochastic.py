"""The mean of the weights of the last epochs, with batch norms that know it."""

import copy
from functools import partial
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch.optim import SGD
from torch.optim.swa_utils import update_bn

from callbacks.averages.stochastic import (
    StochasticWeightAveraging,
    has_begun,
    measure_statistics,
)
from callbacks.last_checkpoint import LastCheckpoint
from callbacks.reproducible import Reproducible
from datamodules.augmentation.images import RandomShift
from datamodules.errors import UserError
from datamodules.image import ImageDataModule
from lightning_modules.backbones.convnet import ConvNet
from lightning_modules.classification import Classification


class EndOfEpochs(Callback):
    """Remember the weights at the end of each epoch's last step, and what validation had."""

    def __init__(self) -> None:
        self.ends: list[dict[str, torch.Tensor]] = []
        self.measured: list[dict[str, torch.Tensor]] = []

    def on_train_batch_end(self, trainer, pl_module, *_) -> None:
        if trainer.is_last_batch:
            self.ends.append(copy.deepcopy(pl_module.state_dict()))

    def on_validation_epoch_start(self, trainer, pl_module) -> None:
        self.measured.append(copy.deepcopy(pl_module.state_dict()))


class StopAt(Callback):
    """End a run in the middle of an epoch."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_train_batch_end(self, trainer, *_) -> None:
        trainer.should_stop = trainer.global_step == self.step


def digits(augment=None) -> tuple[Classification, ImageDataModule]:
    L.seed_everything(0, verbose=False)
    data = ImageDataModule("sample:digits", augment=augment)
    backbone = partial(ConvNet, widths=(8,))
    return Classification(data.spec, backbone, optimizer=partial(SGD, lr=0.05)), data


def test_it_begins_after_its_share():
    assert [has_begun(epoch / 8, 0.75) for epoch in range(8)] == [False] * 6 + [True] * 2
    assert has_begun(0.0, 0.0)


def test_statistics_are_those_of_torch_s_own_update(trainer):
    module, data = digits()
    plain, norm_names = copy.deepcopy(module), [n for n in module.state_dict() if "running" in n]
    assert norm_names
    batches = list(data.train_dataloader())
    found = [each for each in module.modules() if isinstance(each, torch.nn.BatchNorm2d)]
    before = [each.training for each in module.modules()]
    tracked = [norm.num_batches_tracked.clone() for norm in found]  # type: ignore[union-attr]
    measure_statistics(module, list(found), batches)
    assert [each.training for each in module.modules()] == before
    assert all(norm.momentum == 0.1 for norm in found)
    assert tracked == [norm.num_batches_tracked for norm in found]
    update_bn([batch["inputs"] for batch in batches], plain)
    for name in norm_names:
        torch.testing.assert_close(module.state_dict()[name], plain.state_dict()[name])


def test_nothing_but_the_norms_is_as_in_training():
    norm = torch.nn.BatchNorm1d(3)
    module: Any = torch.nn.Sequential(torch.nn.Dropout(0.9), norm)
    rows = torch.randn(50, 3) + 5
    measure_statistics(module, [norm], [{"inputs": rows, "index": torch.arange(50)}])
    assert norm.running_mean is not None
    torch.testing.assert_close(norm.running_mean, rows.mean(0))
    assert module.training


class Waiting(torch.nn.SyncBatchNorm):
    """Wait for nobody, for the CPU's norms cannot."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 as torch calls it
        return input


@pytest.mark.parametrize(("kind", "came"), [(Waiting, 2), (torch.nn.BatchNorm1d, 1)])
def test_a_process_without_rows_comes_where_others_wait_for_it(kind, came):
    norm = kind(3)
    calls: list[int] = []
    norm.register_forward_pre_hook(lambda _, given: calls.append(len(given[0])))
    module: Any = torch.nn.Sequential(norm)
    batches: Any = [
        {"inputs": torch.randn(rows, 3), "index": torch.arange(rows)} for rows in (4, 0)
    ]
    measure_statistics(module, [norm], batches)
    assert calls == [4, 0][:came]


@pytest.mark.parametrize(("start", "told"), [(0.75, True), (0.5, False)])
def test_a_run_that_ends_before_it_begins_is_told(trainer, capsys, monkeypatch, start, told):
    monkeypatch.setenv("COLUMNS", "80")
    module, data = digits()
    average = StochasticWeightAveraging(start)
    trainer(callbacks=[average], max_epochs=2, limit_train_batches=2).fit(module, data)
    said = capsys.readouterr().err
    assert said.count("StochasticWeightAveraging has averaged nothing") == told
    assert ("after 75 % of the run, and no epoch began so late" in said) == told


def test_it_is_the_mean_of_the_last_epochs_and_is_measured(trainer):
    module, data = digits([RandomShift()])
    watch, average = EndOfEpochs(), StochasticWeightAveraging(0.5)
    trainer(callbacks=[average, watch], max_epochs=4, limit_train_batches=4).fit(module, data)
    assert average.count == 2
    same = watch.measured[1]
    assert all(torch.equal(values, watch.ends[1][name]) for name, values in same.items())
    for name, values in module.named_parameters():
        mean = (watch.ends[2][name] + watch.ends[3][name]) / 2
        torch.testing.assert_close(values.detach(), mean)
        assert torch.equal(watch.measured[3][name], values)
    # the statistics are of the averaged weights over the rows that were trained on, as they are
    loader = data.train_dataloader()
    loader.sampler.begin_at(3, 0)  # type: ignore[attr-defined]
    rows = [batch["inputs"] for batch, _ in zip(loader, range(4), strict=False)]
    alone = copy.deepcopy(module)
    update_bn(rows, alone)
    for name, values in alone.state_dict().items():
        if "running" in name:
            torch.testing.assert_close(module.state_dict()[name], values)


@pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended")
@pytest.mark.filterwarnings("ignore:Checkpoint directory")
def test_training_goes_on_as_if_nothing_was_averaged_also_when_it_is_resumed(trainer, tmp_path):
    def fit(*callbacks: Callback, ckpt=None, **how):
        module, data = digits([RandomShift()])
        watch = EndOfEpochs()
        kept = [LastCheckpoint(tmp_path / "last.ckpt")]
        settings = {"limit_train_batches": 4, "enable_checkpointing": True, **how}
        built = trainer(callbacks=[Reproducible(), *callbacks, watch, *kept], **settings)
        built.fit(module, data, ckpt_path=ckpt, weights_only=True)
        return module, watch

    _, plain = fit(max_epochs=4)
    whole, watch = fit(StochasticWeightAveraging(0.25), max_epochs=4)
    for one, other in zip(plain.ends, watch.ends, strict=True):
        assert all(torch.equal(values, other[name]) for name, values in one.items())
    fit(StochasticWeightAveraging(0.25), StopAt(10), max_epochs=4)
    later, _ = fit(StochasticWeightAveraging(0.25), ckpt=tmp_path / "last.ckpt", max_epochs=4)
    for name, values in whole.state_dict().items():
        assert torch.equal(values, later.state_dict()[name]), name


def test_a_run_without_an_end_and_a_wrong_share_are_refused(run, trainer):
    module, data = run()
    with pytest.raises(UserError, match=r"give --trainer\.max_epochs or --trainer\.max_steps"):
        trainer(callbacks=[StochasticWeightAveraging()], max_epochs=-1).fit(module, data)
    with pytest.raises(UserError, match="start from 0 to below 1"):
        StochasticWeightAveraging(5)
