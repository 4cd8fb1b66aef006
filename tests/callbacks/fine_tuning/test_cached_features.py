"""Features of rows, computed once and found again by the rows' numbers."""

from functools import partial

import pytest
import torch

from callbacks.fine_tuning.cached_features import CachedFeatures, features_of
from datamodules.text import TextDataModule
from lightning_modules.backbones.text_transformer import TextTransformer
from lightning_modules.classification import Classification


def test_features_are_found_by_the_numbers_of_their_rows():
    cached = CachedFeatures(6)
    cached.fill(torch.tensor([4, 1]), torch.tensor([[4.0, 40.0], [1.0, 10.0]]))
    assert len(cached) == 6
    assert cached.take(torch.tensor([1, 4, 1])).tolist() == [[1, 10], [4, 40], [1, 10]]


def test_a_row_that_was_not_computed_is_an_error():
    cached = CachedFeatures(6)
    cached.fill(torch.tensor([4, 1]), torch.zeros(2, 2))
    with pytest.raises(IndexError):
        cached.take(torch.tensor([4, 0]))


@pytest.mark.parametrize("count", [1, 64, 150])
def test_they_are_the_backbone_s_in_the_order_asked_for(digits, trainer, count):
    module, data = digits()
    module.eval()
    assert data.store is not None
    rows = torch.randperm(len(data.store), generator=torch.Generator().manual_seed(0))[:count]
    found = features_of(module, data.store, rows, trainer())
    with torch.no_grad():
        expected = module.features(data.store.own_inputs(rows))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    assert not found.requires_grad


def test_rows_of_different_lengths_keep_their_places(trainer):
    data = TextDataModule("sample:reviews", max_tokens=64)
    module = Classification(data.spec, partial(TextTransformer, dim=8, depth=1)).eval()
    assert data.store is not None
    assert data.store.lengths is not None
    rows = data.store.lengths.argsort()[::400]  # the longest are computed first
    assert len(data.store.lengths[rows].unique()) > 1
    found = features_of(module, data.store, rows, trainer())
    for row, features in zip(rows, found, strict=True):
        with torch.no_grad():
            alone = module.features(data.store.own_inputs(row[None]))
        torch.testing.assert_close(features[None], alone, rtol=0, atol=1e-5)
