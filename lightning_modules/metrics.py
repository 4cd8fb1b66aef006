"""The figures that each kind of target is judged by."""

from torch import Tensor
from torchmetrics import MeanAbsoluteError, MeanSquaredError, Metric, MetricCollection, R2Score
from torchmetrics.classification import (
    BinaryAUROC,
    BinaryAveragePrecision,
    BinaryF1Score,
    MulticlassAccuracy,
    MulticlassAUROC,
    MulticlassF1Score,
    MultilabelAveragePrecision,
    MultilabelExactMatch,
    MultilabelF1Score,
)

from datamodules.spec import TargetSpec


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


def metrics_for(target: TargetSpec) -> MetricCollection:
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
            return MetricCollection(
                {
                    "accuracy": MulticlassAccuracy(2, average="micro"),
                    "f1": OfPositive(BinaryF1Score()),
                    "auroc": OfPositive(BinaryAUROC()),
                    "average_precision": OfPositive(BinaryAveragePrecision()),
                }
            )
        case "multiclass":
            return MetricCollection(
                {
                    "accuracy": MulticlassAccuracy(classes, average="micro"),
                    "f1": MulticlassF1Score(classes),
                    "auroc": MulticlassAUROC(classes),
                }
            )
        case "multilabel":
            return MetricCollection(
                {
                    "f1": MultilabelF1Score(classes),
                    "f1_micro": MultilabelF1Score(classes, average="micro"),
                    "average_precision": MultilabelAveragePrecision(classes),
                    "exact_match": MultilabelExactMatch(classes),
                }
            )
        case "regression":
            return MetricCollection(
                {
                    "mae": MeanAbsoluteError(num_outputs=classes),
                    "rmse": MeanSquaredError(squared=False, num_outputs=classes),
                    "r2": R2Score(),
                }
            )
