"""How far figures may be off by chance, against what drawing rows again gives."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import lightning as L
import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from callbacks.standard_errors import (
    StandardErrors,
    error_of_auroc,
    error_of_rmse,
    error_of_share,
    losses_of_rows,
)
from datamodules.splits.stratified import StratifiedSplit
from datamodules.tabular import TabularDataModule
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification
from lightning_modules.losses.focal import FocalLoss
from lightning_modules.regression import Regression
from lightning_modules.supervised import SupervisedModule

MLP = partial(TabularMLP, width=8, depth=1)
HALF = StratifiedSplit(val=0.0, test=0.5)


def measured(
    people: Path,
    trainer: Callable[..., L.Trainer],
    target: str,
    module: Callable[..., SupervisedModule] = Classification,
    separator: str | None = None,
) -> tuple[Mapping[str, float], dict[str, float], Tensor, Tensor]:
    data = TabularDataModule(
        str(people), target=target, split=HALF, batch_size=7, separator=separator
    )
    errors = StandardErrors()
    model = module(data.spec, MLP)
    (figures,) = trainer(callbacks=[errors]).test(model, data, verbose=False)
    store, split = data.store, data.split
    assert store is not None
    assert split is not None
    batch = store[torch.from_numpy(split.test)]
    model.eval()
    with torch.no_grad():
        predicted = model.predicted(model(batch["inputs"]))
    return figures, errors.of(figures), predicted, batch["target"]


def test_means_over_rows_of_classes(people, trainer):
    figures, errors, logits, target = measured(people, trainer, "plan")
    rows, accuracy = len(target), figures["test/accuracy"]
    assert set(errors) == {"test/accuracy", "test/loss"}
    assert errors["test/accuracy"] == pytest.approx((accuracy * (1 - accuracy) / rows) ** 0.5)
    losses = nn.functional.cross_entropy(logits, target, reduction="none")
    expected = losses.std(correction=0) / rows**0.5
    assert errors["test/loss"] == pytest.approx(float(expected), rel=1e-4)


def test_figures_of_numbers(people, trainer):
    _, errors, predicted, target = measured(people, trainer, "spends", Regression)
    assert set(errors) == {"test/mae", "test/rmse", "test/loss"}
    off = (predicted - target).double().squeeze(1)
    root, spread = len(off) ** 0.5, off.square().std(correction=0)
    assert errors["test/mae"] == pytest.approx(float(off.abs().std(correction=0) / root), rel=1e-4)
    rmse = float(off.square().mean() ** 0.5)
    assert errors["test/rmse"] == pytest.approx(float(spread / root) / (2 * rmse), rel=1e-4)


def test_a_share_of_all_rows_may_be_off_too():
    assert error_of_share(torch.tensor([100.0, 80.0, 80.0])) == pytest.approx(0.04)
    for right in (0.0, 27.0):
        found = error_of_share(torch.tensor([27.0, right, right]))
        assert found == pytest.approx((29 / 31 * 2 / 31 / 31) ** 0.5)


def test_the_error_of_rmse_is_that_of_rows_drawn_again():
    rng = np.random.default_rng(0)
    squares = rng.normal(size=(500, 1)) ** 2
    sums = torch.tensor(np.stack([np.full(1, 500.0), squares.sum(0), (squares**2).sum(0)]))
    drawn = squares[rng.integers(0, 500, (4000, 500)), 0].mean(axis=1) ** 0.5
    assert error_of_rmse(sums) == pytest.approx(drawn.std(), rel=0.05)


@pytest.mark.slow
def test_the_error_of_an_area_is_that_of_rows_drawn_again():
    rng = np.random.default_rng(0)
    areas = []
    for _ in range(1500):
        score = np.concatenate([rng.normal(1, 1, 40), rng.normal(0, 1, 60)])
        areas.append(roc_auc_score(np.repeat([1, 0], [40, 60]), score))
    found = error_of_auroc(float(np.mean(areas)), 40, 60)
    assert found == pytest.approx(np.std(areas), rel=0.1)
    assert error_of_auroc(0.5, 0, 5) is None
    assert error_of_auroc(float("nan"), 3, 5) is None


def test_several_labels_and_one_of_two_classes(people, trainer):
    errors = measured(people, trainer, "likes", separator="|")[1]
    assert set(errors) == {"test/exact_match", "test/loss"}
    figures, errors, _, target = measured(people, trainer, "buys")
    positive = int(target.sum())
    assert errors["test/auroc"] == error_of_auroc(
        figures["test/auroc"], positive, len(target) - positive
    )


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        (nn.CrossEntropyLoss(label_smoothing=0.1), True),
        (nn.CrossEntropyLoss(weight=torch.ones(3)), False),
        (nn.CrossEntropyLoss(reduction="sum"), False),
        (FocalLoss(), False),
    ],
)
def test_a_loss_is_told_row_by_row_where_it_can_be(loss, told):
    logits, target = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2])
    losses = losses_of_rows(loss, logits, target)
    assert (losses is not None) == told
    if losses is not None:
        assert losses.mean() == pytest.approx(float(loss(logits, target)))
        assert loss.reduction == "mean"


class Foreign(Classification):
    """A module whose steps return nothing."""

    def test_step(self, batch, batch_idx) -> None:  # type: ignore[override]
        self.log("test/accuracy", 0.5, batch_size=1)

    def on_test_epoch_end(self) -> None: ...


def test_a_step_that_returns_nothing_has_none(people, trainer):
    assert measured(people, trainer, "buys", Foreign)[:2] == ({"test/accuracy": 0.5}, {})
