"""Soft targets against torch's cross-entropy and against hard ones."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from lightning_modules.losses.class_weights import total_weight
from lightning_modules.losses.focal import FocalLoss
from lightning_modules.losses.soft_target import SoftTargetCrossEntropy, takes_probabilities

WEIGHT = torch.tensor([0.2, 1.0, 3.0])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_classes_one_hot_rows_and_torch_agree(weight, smoothing):
    logits, target = torch.randn(20, 3), torch.randint(3, (20,))
    loss = SoftTargetCrossEntropy(weight, smoothing)
    expected = F.cross_entropy(logits, target, weight, label_smoothing=smoothing)
    assert_close(loss(logits, target), expected)
    assert_close(loss(logits, F.one_hot(target, 3).float()), expected)


def test_probabilities_are_the_mean_over_drawn_classes():
    logits, target = torch.randn(1, 3), torch.tensor([[0.5, 0.25, 0.25]])
    drawn = torch.tensor([0, 0, 1, 2])
    loss = SoftTargetCrossEntropy(WEIGHT)
    assert_close(loss(logits, target), loss(logits.expand(4, 3), drawn))


def test_gradient_is_finite_at_extreme_logits():
    logits = torch.tensor([[1e4, -1e4]], requires_grad=True)
    SoftTargetCrossEntropy(label_smoothing=0.1)(logits, torch.tensor([[0.0, 1.0]])).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert logits.grad.any()


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_means_of_parts_of_probabilities_make_the_mean_of_all(weight):
    loss = SoftTargetCrossEntropy(weight)
    logits, target = torch.randn(17, 3), torch.randn(17, 3).softmax(dim=1)
    total, weights = 0.0, 0.0
    for part, true in zip(logits.split(5), target.split(5), strict=True):
        total += float(loss(part, true) * total_weight(loss, true))
        weights += float(total_weight(loss, true))
    assert total / weights == pytest.approx(float(loss(logits, target)))


class Refuses(nn.Module):
    def forward(self, logits, target):
        return logits[target, 0].sum() * logits.gather(1, target[:, None]).sum()


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize(
    ("make", "takes"),
    [
        (nn.CrossEntropyLoss, True),
        (lambda: nn.CrossEntropyLoss(label_smoothing=0.1), True),
        (SoftTargetCrossEntropy, True),
        (FocalLoss, False),  # which takes the shape for labels
        (lambda: FocalLoss(0.0), False),
        (nn.MultiMarginLoss, False),
        (Refuses, False),
    ],
)
def test_which_losses_take_probabilities(make, takes, classes):
    assert takes_probabilities(make(), classes) is takes


def test_class_weights_do_not_hide_that_probabilities_are_taken():
    for make in (nn.CrossEntropyLoss, SoftTargetCrossEntropy):
        assert takes_probabilities(make(weight=WEIGHT, label_smoothing=0.1), 3)
