"""The figures that each kind of target is judged by."""

import warnings

import torch
from torch import Tensor
from torchmetrics import MeanAbsoluteError, MeanSquaredError, Metric, MetricCollection, R2Score
from torchmetrics.classification import (
    BinaryAUROC,
    BinaryAveragePrecision,
    BinaryF1Score,
    BinaryStatScores,
    MulticlassAccuracy,
    MulticlassAUROC,
    MulticlassF1Score,
    MulticlassStatScores,
    MultilabelAveragePrecision,
    MultilabelExactMatch,
    MultilabelF1Score,
    MultilabelStatScores,
)
from torchmetrics.utilities import dim_zero_cat

from datamodules.spec import TargetSpec

COUNTING = (BinaryStatScores, MulticlassStatScores, MultilabelStatScores, MultilabelExactMatch)
"""Metrics that count rows, and refuse a batch without any."""


class Figures(MetricCollection):
    """Metrics that also take a batch without rows, which a process has where rows are few.

    Those that count are left as they are. The others must take it in: what they keep has its shape
    from what they are given, and all processes must have the same to gather.
    """

    def update(self, predicted: Tensor, truth: Tensor) -> None:  # type: ignore[override]
        """Take in one batch: (N, ...) each."""
        if len(truth):
            super().update(predicted, truth)
            return
        for metric in self.values(copy_state=False):
            if not isinstance(getattr(metric, "metric", metric), COUNTING):
                metric.update(predicted, truth)


class MeanOverRows(Metric):
    """The mean of a figure over rows, from its means over batches of any size.

    torchmetrics' ``MeanMetric`` either waits for the device in each step, to look for NaN, or, told
    not to, forgets how many rows a batch has.
    """

    full_state_update = False
    total: Tensor
    rows: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.tensor(0.0), dist_reduce_fx="sum")
        self.add_state("rows", torch.tensor(0.0), dist_reduce_fx="sum")

    def update(self, mean: Tensor, rows: Tensor | int) -> None:
        """Take in one batch of so many rows, or of rows with such a weight in all."""
        self.total = self.total + mean.detach().float() * rows
        self.rows = self.rows + rows

    def compute(self) -> Tensor:
        """Return the mean over all rows."""
        return self.total / self.rows


class OfPositive(Metric):
    """Hand the probability of the second of two classes to a binary metric.

    Args:
        metric: takes probabilities (N,) and targets (N,).

    Shape:
        logits (N, 2), target (N,) int64
    """

    full_state_update = False

    def __init__(self, metric: Metric) -> None:
        super().__init__()
        self.metric = metric

    def update(self, logits: Tensor, target: Tensor) -> None:
        """Take in one batch."""
        self.metric.update(logits.softmax(dim=1)[:, 1], target)

    def compute(self) -> Tensor:
        """Return the figure."""
        figure: Tensor = self.metric.compute()
        return figure

    def reset(self) -> None:
        """Start over."""
        super().reset()
        self.metric.reset()


class AreaUnderROC(MulticlassAUROC):
    """Area under the ROC curve from logits, one class against the rest, the mean over classes.

    A class that no row has, or that every row has, has no curve and is left out of the mean, where
    torchmetrics counts it as 0; without any other the figure is NaN. And torchmetrics takes numbers
    for logits if one in the batch is beyond [0, 1], so what it makes of a row would depend on the
    rows beside it.

    Args:
        classes: how many there are, C.

    Shape:
        logits (N, C), target (N,) int64
    """

    def __init__(self, classes: int) -> None:
        super().__init__(classes, average="none")

    def update(self, logits: Tensor, target: Tensor) -> None:
        """Take in one batch."""
        super().update(logits.softmax(dim=1), target)

    def compute(self) -> Tensor:  # type: ignore[override]
        """Return the figure."""
        truth = dim_zero_cat(self.target)
        rows = torch.bincount(truth, minlength=self.num_classes)
        with warnings.catch_warnings():  # of the classes that are left out
            warnings.simplefilter("ignore")
            areas: Tensor = super().compute()
        return areas[(rows > 0) & (rows < len(truth))].mean()


class RootMeanSquaredError(MeanSquaredError):
    """Root of the mean squared error of each target, then their mean.

    Args:
        targets: how many there are, K.

    Shape:
        numbers (N, K), target (N, K)
    """

    def __init__(self, targets: int) -> None:
        super().__init__(squared=False, num_outputs=targets)

    def compute(self) -> Tensor:
        """Return the figure."""
        return super().compute().mean()


class R2(R2Score):
    """The coefficient of determination, the mean over targets; NaN of a single row.

    It does not depend on units, so the numbers are scaled first: sums of the squares of numbers
    that are far from zero lose their digits.

    Args:
        mean: training mean of each target.
        std: training deviation of each target.

    Shape:
        numbers (N, K), target (N, K)
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean), persistent=False)
        self.register_buffer("std", torch.tensor(std), persistent=False)

    def update(self, numbers: Tensor, target: Tensor) -> None:
        """Take in one batch."""
        super().update((numbers - self.mean) / self.std, (target - self.mean) / self.std)

    def compute(self) -> Tensor:
        """Return the figure."""
        return super().compute() if self.total > 1 else torch.tensor(torch.nan, device=self.device)


def metrics_for(target: TargetSpec) -> Figures:
    """Return the metrics of a target, called with predictions and targets.

    ``binary``: accuracy, and of the second class F1, area under the ROC curve and average
    precision. ``multiclass``: accuracy, and macro F1 and area under the ROC curve, one class
    against the rest. ``multilabel``: macro and micro F1, macro average precision, and the share of
    rows with every label right. ``regression``: MAE, RMSE and R2 in the user's units; over several
    targets the mean of each one's.
    """
    classes = len(target.names)
    match target.kind:
        case "binary":
            return Figures(
                {
                    "accuracy": MulticlassAccuracy(2, average="micro"),
                    "f1": OfPositive(BinaryF1Score()),
                    "auroc": OfPositive(BinaryAUROC()),
                    "average_precision": OfPositive(BinaryAveragePrecision()),
                }
            )
        case "multiclass":
            return Figures(
                {
                    "accuracy": MulticlassAccuracy(classes, average="micro"),
                    "f1": MulticlassF1Score(classes),
                    "auroc": AreaUnderROC(classes),
                }
            )
        case "multilabel":
            return Figures(
                {
                    "f1": MultilabelF1Score(classes),
                    "f1_micro": MultilabelF1Score(classes, average="micro"),
                    "average_precision": MultilabelAveragePrecision(classes),
                    "exact_match": MultilabelExactMatch(classes),
                }
            )
        case "regression":
            return Figures(
                {
                    "mae": MeanAbsoluteError(),
                    "rmse": RootMeanSquaredError(classes),
                    "r2": R2(target.mean, target.std),
                }
            )
