"""Soft targets against torch's cross-entropy and against hard ones."""

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from lightning_modules.losses.soft_target import SoftTargetCrossEntropy

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
