"""Numbers, learnt in scaled units and told in the user's."""

import math
from functools import partial
from typing import Any

import pytest
import torch
from sklearn import metrics as sk
from torch import nn
from torch.optim import Adam
from torch.utils.data import DataLoader

from datamodules.errors import UserError
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.losses.gaussian_nll import GaussianNLL
from lightning_modules.regression import Regression

WIDE = partial(TabularMLP, width=64, dropout=0.0)


def built(problem, names: int, loss=None):
    spec, batch = problem("regression", names)
    return Regression(spec, WIDE, loss=loss, optimizer=partial(Adam, lr=0.01)), batch


@pytest.mark.parametrize("names", [1, 2])
@pytest.mark.parametrize("loss", [None, GaussianNLL(beta=0.5), nn.SmoothL1Loss()])
def test_sixteen_rows_are_learnt_by_heart(problem, names, loss):
    module, batch = built(problem, names, loss)
    optimizer = module.configure_optimizers()
    for _ in range(300):
        optimizer.zero_grad()
        module.training_step(batch, 0)["loss"].backward()
        optimizer.step()
    predicted = module.eval().predict_step(batch, 0)
    spread = batch["target"].std(dim=0)
    error = (predicted["prediction"] - batch["target"]).abs() / spread
    assert error.max() < 0.2
    assert ("std" in predicted) == isinstance(loss, GaussianNLL)
    if "std" in predicted:
        assert bool((predicted["std"].mean(dim=0) < 0.2 * spread).all())  # it knows that it knows


def test_targets_are_scaled_and_predictions_scaled_back(problem):
    module, batch = built(problem, 2)
    scaled = module.scaled(batch["target"])
    assert scaled.mean(dim=0).tolist() == pytest.approx([0, 0], abs=1e-5)
    assert scaled.std(dim=0, correction=0).tolist() == pytest.approx([1, 1], abs=1e-5)
    assert module.predicted(scaled).numpy() == pytest.approx(batch["target"].numpy())


def test_the_default_loss_is_the_squared_error_in_scaled_units(problem):
    module, batch = built(problem, 2)
    output = module.training_step(batch, 0)
    assert output["logits"].shape == (16, 2)
    by_hand = (output["logits"] - module.scaled(batch["target"])).square().mean()
    assert float(output["loss"].detach()) == pytest.approx(float(by_hand))


def test_deviations_are_in_the_user_s_units(problem):
    module, _ = built(problem, 2, GaussianNLL())
    mean, std = module.spec.target.mean, module.spec.target.std
    # means 1 and -1, deviations 1 and 3, all in scaled units
    logits = torch.tensor([[1.0, -1.0, 0.0, 2 * math.log(3.0)]])
    told = module.predictions(logits)
    assert told["prediction"].tolist()[0] == pytest.approx([mean[0] + std[0], mean[1] - std[1]])
    assert told["std"].tolist()[0] == pytest.approx([std[0], 3 * std[1]])
    assert module(torch.zeros(1, 5)).shape == (1, 4)


@pytest.mark.parametrize("names", [1, 2])
def test_figures_are_scikit_learn_s_in_the_user_s_units(problem, trainer, names):
    module, batch = built(problem, names)
    parts: Any = [
        {name: values[rows] for name, values in batch.items()} for rows in ([0, 1], [*range(2, 16)])
    ]
    run = trainer()
    run.test(module, DataLoader(parts, batch_size=None), verbose=False)
    predicted = module.eval().predict_step(batch, 0)["prediction"].detach()
    figures = {name: float(value) for name, value in run.callback_metrics.items()}
    del figures["test/loss"]
    assert figures == pytest.approx(
        {
            "test/mae": sk.mean_absolute_error(batch["target"], predicted),
            "test/rmse": sk.root_mean_squared_error(batch["target"], predicted),
            "test/r2": sk.r2_score(batch["target"], predicted),
        },
        rel=1e-5,
        abs=1e-6,
    )
    assert figures["test/mae"] > 10  # not in scaled units


@pytest.mark.parametrize("precision", ["bf16-true", "16-true"])
def test_a_precision_that_would_round_the_target_is_refused(problem, trainer, precision):
    module, batch = built(problem, 1)
    loader: DataLoader[Any] = DataLoader([batch], batch_size=None)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=f"--trainer.precision {precision}: the numbers"):
        trainer(precision=precision).test(module, loader)
