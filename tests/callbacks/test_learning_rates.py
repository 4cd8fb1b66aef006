"""One curve where all parameters share a rate, and one for each rate otherwise."""

from typing import Any

import pytest
import torch
from lightning.pytorch.loggers import CSVLogger
from torch.optim import SGD, Adam
from torch.optim.lr_scheduler import LambdaLR

from callbacks.learning_rates import LearningRates, rates


def parameter() -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.zeros(1))


def test_a_shared_rate_is_one_curve():
    groups = [{"params": [parameter()], "name": name} for name in ("decayed", "undecayed")]
    assert rates([Adam(groups, lr=0.25)]) == {"train/lr": 0.25}


def test_groups_with_rates_of_their_own_have_curves_by_name_or_number():
    head: dict[str, Any] = {"params": [parameter()], "lr": 0.5}
    rest: dict[str, Any] = {"params": [parameter()]}
    named = [{**head, "name": "head"}, {**rest, "name": "rest"}]
    assert rates([Adam(named, lr=0.25)]) == {"train/lr/head": 0.5, "train/lr/rest": 0.25}
    unnamed = [head, rest]
    assert rates([SGD(unnamed, lr=0.25)]) == {"train/lr/0": 0.5, "train/lr/1": 0.25}


def test_rates_that_only_begin_as_one_are_apart_from_the_beginning():
    groups = [{"params": [parameter()], "lr": 0.5}, {"params": [parameter()], "lr": 0.25}]
    optimizer = SGD(groups)
    LambdaLR(optimizer, lambda step: float(step))  # both are 0 in the first step
    assert rates([optimizer]) == {"train/lr/0": 0.0, "train/lr/1": 0.0}


def test_optimizers_with_different_rates_are_told_apart():
    optimizers = [SGD([parameter()], lr=0.5), Adam([parameter()], lr=0.25)]
    assert rates(optimizers) == {"train/lr/0 SGD 0": 0.5, "train/lr/1 Adam 0": 0.25}
    assert rates([]) == {}


@pytest.mark.parametrize(("accumulated", "steps"), [(1, [0, 4, 5, 8]), (2, [0, 3, 4])])
def test_they_are_logged_at_each_epoch_s_beginning_and_between(
    run, trainer, tmp_path, accumulated, steps
):
    module, data = run(rate=0.5)
    logger = CSVLogger(tmp_path / "run", name="", version="")
    settings = {"log_every_n_steps": 4, "accumulate_grad_batches": accumulated}
    watched = trainer(max_epochs=2, logger=logger, callbacks=[LearningRates()], **settings)
    watched.fit(module, data)
    header, *lines = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    rate, step = (header.split(",").index(name) for name in ("train/lr", "step"))
    logged = [line.split(",") for line in lines if line.split(",")[rate]]
    assert [int(line[step]) for line in logged] == steps
    assert {float(line[rate]) for line in logged} == {0.5}
    assert not any("lr" in name for name in watched.callback_metrics)
