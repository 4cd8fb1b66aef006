"""Focal loss against torch's cross-entropies, the written-out formula and extreme logits."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from lightning_modules.losses.focal import FocalLoss

WEIGHT = torch.tensor([0.2, 1.0, 3.0])


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_without_gamma_it_is_cross_entropy(weight):
    logits, target = torch.randn(20, 3), torch.randint(3, (20,))
    expected = F.cross_entropy(logits, target, weight)
    assert_close(FocalLoss(0.0, weight)(logits, target), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_without_gamma_labels_give_binary_cross_entropy(weight):
    logits, target = torch.randn(20, 3), torch.randint(2, (20, 3)).float()
    expected = F.binary_cross_entropy_with_logits(logits, target, pos_weight=weight)
    assert_close(FocalLoss(0.0, weight)(logits, target), expected, rtol=1e-6, atol=1e-6)


def test_is_the_papers_formula():
    logits = torch.tensor([[0.9, 0.1], [0.3, 0.7]]).log()
    target = torch.tensor([0, 0])
    by_hand = -(0.1**2 * torch.tensor(0.9).log() + 0.7**2 * torch.tensor(0.3).log()) / 2
    assert_close(FocalLoss(2.0)(logits, target), by_hand)


def test_two_classes_equal_one_label():
    logit, label = torch.randn(30, 1), torch.randint(2, (30, 1))
    both = torch.cat([torch.zeros_like(logit), logit], dim=1)
    loss = FocalLoss(1.5)
    assert_close(loss(both, label[:, 0]), loss(logit, label.float()))


@given(gamma=st.floats(0, 5), size=st.floats(0, 1e4))
@settings(deadline=None)
def test_loss_and_gradient_are_finite_at_any_logits(gamma, size):
    for target in (torch.tensor([0, 1]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])):
        logits = torch.tensor([[size, -size], [size, -size]], requires_grad=True)
        loss = FocalLoss(gamma)(logits, target)
        loss.backward()
        assert loss.isfinite()
        assert logits.grad is not None
        assert logits.grad.isfinite().all()


def test_gradient_is_the_numerical_one():
    logits = torch.randn(5, 3, dtype=torch.double, requires_grad=True)
    loss = FocalLoss(2.0, WEIGHT.double())
    assert torch.autograd.gradcheck(lambda x: loss(x, torch.tensor([0, 1, 2, 1, 0])), logits)


def test_weight_can_be_set_afterwards_and_moves_with_the_loss():
    loss = FocalLoss()
    loss.weight = WEIGHT
    assert loss.double().weight is not None
    assert loss.weight.dtype == torch.double


def test_float_targets_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 3\), not \(4,\)"):
        FocalLoss()(torch.zeros(4, 3), torch.zeros(4))
