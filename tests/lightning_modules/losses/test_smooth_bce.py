"""Labels that are not quite sure, by their closed form."""

import pytest
import torch
import torch.nn.functional as F

from callbacks.standard_errors import losses_of_rows
from datamodules.errors import UserError
from lightning_modules.losses.class_weights import set_class_weight
from lightning_modules.losses.smooth_bce import SmoothBCEWithLogitsLoss

LOGITS = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
LABELS = (torch.arange(18).view(6, 3) % 4 == 0).float()


def test_smoothed_labels_lie_between_yes_and_no():
    by_hand = F.binary_cross_entropy_with_logits(LOGITS, LABELS * 0.8 + 0.1)
    torch.testing.assert_close(SmoothBCEWithLogitsLoss(0.2)(LOGITS, LABELS), by_hand)
    plain = F.binary_cross_entropy_with_logits(LOGITS, LABELS)
    assert SmoothBCEWithLogitsLoss(0.0)(LOGITS, LABELS) == plain


def test_the_best_logits_are_those_of_the_smoothed_labels():
    best = torch.logit(torch.tensor([[0.05, 0.95]])).requires_grad_()
    SmoothBCEWithLogitsLoss(0.1)(best, torch.tensor([[0.0, 1.0]])).backward()
    assert best.grad is not None
    torch.testing.assert_close(best.grad, torch.zeros(1, 2), atol=1e-6, rtol=0)


def test_rare_labels_can_be_weighed_and_rows_be_told_apart():
    loss = SmoothBCEWithLogitsLoss(0.1)
    rows = losses_of_rows(loss, LOGITS, LABELS)
    assert rows is not None
    torch.testing.assert_close(rows.mean(), loss(LOGITS, LABELS))
    set_class_weight(loss, torch.tensor([2.0, 3.0, 4.0]))
    assert loss(LOGITS, LABELS) > rows.mean()


def test_a_part_is_from_none_to_all():
    with pytest.raises(UserError, match="label_smoothing is a part from 0 to 1, but got 10"):
        SmoothBCEWithLogitsLoss(10)
