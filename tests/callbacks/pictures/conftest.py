"""Rows that were judged without a model, and training that is watched."""

from collections.abc import Callable

import lightning as L
import pytest
import torch
from matplotlib.figure import Figure

from callbacks.best_epoch import BestEpoch
from callbacks.pictures.canvas import new_figure
from callbacks.pictures.judged import Judged
from callbacks.pictures.validation_pictures import ValidationPictures
from callbacks.tensorboard import Curves
from datamodules.spec import TargetSpec

NAMES = ["ant", "bee", "cat"]


@pytest.fixture
def classes() -> Judged:
    """Five rows of three classes; rows 11 and 14 are wrong, 14 the more."""
    probability = torch.tensor(
        [[0.8, 0.1, 0.1], [0.3, 0.2, 0.5], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.0, 0.9, 0.1]]
    )
    return Judged(
        TargetSpec("multiclass", NAMES, counts=[5, 3, 9]),
        index=torch.arange(10, 15),
        target=torch.tensor([0, 0, 1, 2, 2]),
        prediction=probability.argmax(dim=1),
        probability=probability,
    )


@pytest.fixture
def labels() -> Judged:
    """Three rows of three labels; the second has one too many, the third one too few."""
    probability = torch.tensor([[0.9, 0.2, 0.1], [0.6, 0.7, 0.1], [0.2, 0.1, 0.3]])
    return Judged(
        TargetSpec("multilabel", NAMES, counts=[5, 3, 9]),
        index=torch.arange(3),
        target=torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]),
        prediction=(probability > 0.5).long(),
        probability=probability,
    )


@pytest.fixture
def numbers() -> Judged:
    """Three rows of two numbers; in its own deviations the second row's first is the worst."""
    return Judged(
        TargetSpec("regression", ["rent", "size"], mean=[0.0, 0.0], std=[1.0, 100.0]),
        index=torch.arange(3),
        target=torch.tensor([[1.0, 100.0], [2.0, 200.0], [3.0, 300.0]]),
        prediction=torch.tensor([[1.0, 150.0], [4.0, 200.0], [3.5, 300.0]]),
    )


@pytest.fixture
def every_kind(classes: Judged, labels: Judged, numbers: Judged) -> Callable[[str], Judged]:
    """Return the rows of a kind of target."""
    kinds = {"multiclass": classes, "multilabel": labels, "regression": numbers}
    return kinds.__getitem__


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Keep the figures that are drawn."""
    figures: list[Figure] = []

    def keep(width: float, height: float) -> Figure:
        figures.append(new_figure(width, height))
        return figures[-1]

    for name in ("confusion", "labels", "image_grid", "residuals"):
        monkeypatch.setattr(f"callbacks.pictures.{name}.new_figure", keep)
    return figures


@pytest.fixture
def watch(trainer, tmp_path) -> Callable[..., tuple[BestEpoch, L.Trainer]]:
    """Fit with pictures, into the folder ``run``."""

    def fit(module, data, *others: L.Callback, monitor="val/loss", mode="min", **settings):
        best = BestEpoch(monitor, mode)
        callbacks = [best, ValidationPictures(best), *others]
        curves = Curves(str(tmp_path / "run"))
        watched = trainer(**{"logger": curves, "callbacks": callbacks, **settings})
        watched.fit(module, data)
        return best, watched

    return fit
