"""Class weights against scikit-learn, and the losses that take them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight
from torch import nn
from torch.testing import assert_close

from datamodules.errors import UserError
from lightning_modules.losses.class_weights import (
    balanced_weights,
    positive_weights,
    set_class_weight,
    total_weight,
)
from lightning_modules.losses.focal import FocalLoss
from lightning_modules.losses.soft_target import SoftTargetCrossEntropy


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6).filter(any))
@settings(deadline=None)
def test_balanced_equals_scikit_learn_and_absent_classes_weigh_one(counts):
    rows = np.repeat(np.arange(len(counts)), counts)
    present = np.unique(rows)
    weights = balanced_weights(counts)
    expected = compute_class_weight("balanced", classes=present, y=rows)
    assert_close(weights[present], torch.tensor(expected, dtype=torch.float32))
    assert all(weight == 1 for weight, count in zip(weights, counts, strict=True) if not count)


def test_no_rows_at_all_is_an_error():
    with pytest.raises(UserError, match="no class has any"):
        balanced_weights([0, 0])


def test_positive_weights_level_both_sides_of_a_label():
    assert positive_weights([1, 5, 0, 10], rows=10).tolist() == [9.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "kind", [nn.CrossEntropyLoss, nn.NLLLoss, FocalLoss, SoftTargetCrossEntropy]
)
def test_losses_for_classes_take_it_as_weight(kind):
    loss = kind()
    set_class_weight(loss, torch.tensor([1.0, 3.0]))
    assert dict(loss.named_buffers())["weight"].tolist() == [1.0, 3.0]
    logits = torch.zeros(2, 2)
    logits[0, 0] = 5.0
    plain, weighted = (each(logits, torch.tensor([0, 1])) for each in (kind(), loss))
    assert weighted != plain


def test_binary_cross_entropy_takes_it_as_pos_weight():
    loss = nn.BCEWithLogitsLoss()
    set_class_weight(loss, torch.tensor([4.0]))
    assert loss.weight is None
    assert loss(torch.zeros(1, 1), torch.ones(1, 1)) == pytest.approx(4 * np.log(2))


@pytest.mark.parametrize("loss", [nn.MSELoss(), nn.Linear(2, 2)])
def test_other_losses_are_refused_by_name(loss):
    with pytest.raises(UserError, match=rf"{type(loss).__name__} takes no .*CrossEntropyLoss"):
        set_class_weight(loss, torch.ones(2))


@pytest.mark.parametrize("make", [nn.CrossEntropyLoss, FocalLoss, SoftTargetCrossEntropy])
@pytest.mark.parametrize("weight", [None, torch.tensor([0.5, 4.0, 1.0])])
def test_means_of_parts_that_count_by_their_weight_make_the_mean_of_all(make, weight):
    loss = make(weight=weight)
    logits, target = torch.randn(17, 3), torch.randint(0, 3, (17,))
    total, weights = 0.0, 0.0
    for part, true in zip(logits.split(5), target.split(5), strict=True):
        total += float(loss(part, true) * total_weight(loss, true))
        weights += float(total_weight(loss, true))
    assert total / weights == pytest.approx(float(loss(logits, target)))


def test_every_row_with_several_labels_counts_alike():
    loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([2.0, 3.0]))
    assert total_weight(loss, torch.ones(5, 2)) == 5
    assert total_weight(FocalLoss(weight=torch.ones(2)), torch.ones(5, 2)) == 5
