"""Rows whose codes are alike."""

import pytest
import torch
import torch.nn.functional as F
from sklearn.neighbors import NearestNeighbors

from datamodules.near_duplicates import nearest as module
from datamodules.near_duplicates.nearest import nearest

CODES = F.normalize(torch.randn(60, 4, generator=torch.Generator().manual_seed(0)))


def ends(pairs: torch.Tensor) -> set[tuple[int, ...]]:
    found = [tuple(pair) for pair in pairs.tolist()]
    assert len(set(found)) == len(found)
    assert all(one < other for one, other in found)
    return set(found)


@pytest.mark.parametrize("block", [7, 1024])
def test_equals_the_neighbours_of_scikit_learn(block, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", block)
    of = NearestNeighbors(n_neighbors=3, metric="cosine").fit(CODES.numpy())
    partners = of.kneighbors(return_distance=False)
    expected = {tuple(sorted((row, int(p)))) for row in range(60) for p in partners[row]}
    assert ends(nearest(CODES, None, 3, -1.0)) == expected


def test_no_pair_below_the_least_cosine():
    likeness = CODES @ CODES.T
    found = ends(nearest(CODES, None, 59, 0.9))
    assert found == {tuple(pair) for pair in (likeness.triu(1) >= 0.9).nonzero().tolist()}


def test_rows_of_smaller_parts_ask_those_of_others():
    parts = torch.arange(60).clamp(max=40) // 40  # the last twenty
    found = ends(nearest(CODES, parts, 1, -1.0))
    assert found == {(int((CODES[:40] @ CODES[row]).argmax()), row) for row in range(40, 60)}


def test_few_rows_have_few_partners():
    assert ends(nearest(CODES[:2], None, 8, -1.0)) == {(0, 1)}
    assert ends(nearest(CODES[:3], torch.tensor([0, 0, 0]), 8, -1.0)) == set()
