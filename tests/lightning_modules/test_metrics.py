"""Every figure is scikit-learn's on the same logits, over batches of different sizes."""

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from torchmetrics.classification import BinaryAUROC

from datamodules.spec import TargetSpec
from lightning_modules.metrics import AreaUnderROC, MeanOverRows, OfPositive, metrics_for

SIZES = [16, 16, 7, 1]
ROWS = sum(SIZES)


def figures(target: TargetSpec, predicted: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    metrics = metrics_for(target)
    for part, true in zip(predicted.split(SIZES), truth.split(SIZES), strict=True):
        metrics.update(part, true)
    return {name: float(value) for name, value in metrics.compute().items()}


def test_binary():
    logits, truth = torch.randn(ROWS, 2), torch.arange(ROWS) % 3 // 2
    positive = logits.softmax(1)[:, 1].numpy()
    chosen = logits.argmax(1).numpy()
    assert figures(TargetSpec("binary", ["a", "b"]), logits, truth) == pytest.approx(
        {
            "accuracy": sk.accuracy_score(truth, chosen),
            "f1": sk.f1_score(truth, chosen),
            "auroc": sk.roc_auc_score(truth, positive),
            "average_precision": sk.average_precision_score(truth, positive),
        },
        abs=1e-6,
    )


def test_multiclass():
    logits, truth = torch.randn(ROWS, 4), (torch.arange(ROWS) % 7).clamp(max=3)
    chosen, probabilities = logits.argmax(1).numpy(), logits.double().softmax(1).numpy()
    assert figures(TargetSpec("multiclass", list("abcd")), logits, truth) == pytest.approx(
        {
            "accuracy": sk.accuracy_score(truth, chosen),
            "f1": sk.f1_score(truth, chosen, average="macro"),
            "auroc": sk.roc_auc_score(truth, probabilities, multi_class="ovr"),
        },
        abs=1e-6,
    )


def test_multilabel():
    probabilities, truth = torch.rand(ROWS, 3), (torch.rand(ROWS, 3) > 0.6).long()
    marks = (probabilities > 0.5).numpy()
    assert figures(TargetSpec("multilabel", list("abc")), probabilities, truth) == pytest.approx(
        {
            "f1": sk.f1_score(truth, marks, average="macro"),
            "f1_micro": sk.f1_score(truth, marks, average="micro"),
            "average_precision": sk.average_precision_score(truth, probabilities),
            "exact_match": sk.accuracy_score(truth, marks),
        },
        abs=1e-6,
    )


@pytest.mark.parametrize("targets", [1, 3])
def test_regression(targets):
    # far from zero, where sums of squares lose their digits
    truth = torch.randn(ROWS, targets) * torch.arange(1, targets + 1) * 10 + 10_000
    predicted = truth + torch.randn(ROWS, targets) * 5
    names = [f"y{n}" for n in range(targets)]
    spec = TargetSpec("regression", names, mean=[9990.0] * targets, std=[12.0] * targets)
    assert figures(spec, predicted, truth) == pytest.approx(
        {
            "mae": sk.mean_absolute_error(truth, predicted),
            "rmse": sk.root_mean_squared_error(truth, predicted),
            "r2": sk.r2_score(truth, predicted),
        },
        rel=1e-5,
    )


def test_one_row_has_no_share_of_explained_variance():
    metrics = metrics_for(TargetSpec("regression", ["y"], mean=[0.0], std=[1.0]))
    metrics.update(torch.tensor([[1.0]]), torch.tensor([[3.0]]))
    assert {name: float(value) for name, value in metrics.compute().items()} == pytest.approx(
        {"mae": 2.0, "rmse": 2.0, "r2": np.nan}, nan_ok=True
    )


KINDS = {
    "binary": (torch.int64, ()),
    "multiclass": (torch.int64, ()),
    "multilabel": (torch.int64, (3,)),
    "regression": (torch.float32, (3,)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_without_rows_changes_nothing(kind):
    names = ["a", "b"] if kind == "binary" else ["a", "b", "c"]
    told = {"mean": [0.0] * 3, "std": [1.0] * 3} if kind == "regression" else {}
    spec = TargetSpec(kind, names, **told)  # type: ignore[arg-type]
    dtype, shape = KINDS[kind]
    predicted, truth = torch.rand(9, len(names)), (torch.rand(9, *shape) * 2).to(dtype)
    truth = truth if shape else torch.arange(9) % len(names)  # every class has a row
    plain, mixed, none = (metrics_for(spec) for _ in range(3))
    plain.update(predicted, truth)
    for metrics in (mixed, none):
        metrics.update(predicted[:0], truth[:0])
    mixed.update(predicted, truth)
    assert {n: float(v) for n, v in mixed.compute().items()} == {
        n: float(v) for n, v in plain.compute().items()
    }
    for name, metric in none.items():  # what processes gather must have the same dimensions
        for state, value in metric.metric_state.items():
            other = plain[name].metric_state[state]
            values, others = (v if isinstance(v, list) else [v] for v in (value, other))
            assert [v.shape[1:] for v in values] == [v.shape[1:] for v in others]


def test_what_is_made_of_a_row_does_not_depend_on_the_rows_beside_it():
    metric = AreaUnderROC(3)
    logits, truth = torch.randn(20, 3), torch.arange(20) % 3
    logits[0] = torch.tensor([0.9, 0.1, 0.2])  # which could be a probability
    together = float(metric(logits, truth))
    metric.reset()
    for row in range(20):
        metric.update(logits[row : row + 1], truth[row : row + 1])
    assert float(metric.compute()) == pytest.approx(together)


@pytest.mark.filterwarnings("ignore:No (positive|negative) samples in target")
def test_a_class_that_no_row_has_is_left_out_of_the_area_under_the_curve():
    logits, truth = torch.randn(40, 4), 2 * (torch.arange(40) % 2)
    metric = AreaUnderROC(4)
    scores = logits.softmax(dim=1)
    areas = [sk.roc_auc_score(truth == place, scores[:, place]) for place in (0, 2)]
    assert float(metric(logits, truth)) == pytest.approx(sum(areas) / 2)
    metric.reset()
    assert torch.isnan(metric(logits, torch.zeros(40, dtype=torch.int64)))


def test_a_mean_is_over_rows_and_not_over_batches():
    mean = MeanOverRows()
    for value, rows in ((1.0, 5), (4.0, 1)):
        mean.update(torch.tensor(value, requires_grad=True), rows)
    assert float(mean.compute()) == 1.5
    mean.reset()
    mean.update(torch.tensor(3.0), 2)
    assert float(mean.compute()) == 3.0


def test_a_reset_forgets_what_was_seen():
    metric = OfPositive(BinaryAUROC())
    truth = torch.tensor([0, 1, 0, 1])
    right = torch.eye(2)[truth]
    metric.update(-right, truth)
    metric.reset()
    metric.update(right, truth)
    assert float(metric.compute()) == 1.0


def test_a_class_that_no_row_has_counts_for_nothing_in_the_area():
    logits = torch.tensor([[2.0, 0.0, 1.0], [0.0, 2.0, 1.0], [1.5, 1.0, 0.0]])
    metric = AreaUnderROC(3)
    metric.update(logits, torch.tensor([0, 1, 0]))
    assert metric.compute() == 1.0
    metric.reset()
    metric.update(logits, torch.tensor([1, 1, 1]))
    assert metric.compute().isnan()
