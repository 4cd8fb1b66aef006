"""Whole units dealt out so that kinds are as frequent in each part."""

import numpy as np
import pytest

from datamodules.splits.dealing_units import deal_units
from datamodules.splits.split import NOWHERE
from datamodules.splits.splitter import Parts

SHARES = np.array([0.7, 0.15, 0.15])


def dealt(units, kinds, settled=None, shares=SHARES, seed=0) -> Parts:
    chance = np.random.default_rng(seed).integers(0, 1 << 63, len(units)).astype(np.uint64)
    fresh = np.full(len(units), NOWHERE, dtype=np.int16)
    return deal_units(
        np.asarray(units), kinds, chance, shares, fresh if settled is None else settled
    )


@pytest.mark.parametrize(("rows", "labels"), [(300, 8), (1000, 10)])
def test_each_of_several_labels_is_kept_to_within_two_rows(rows, labels):
    rng = np.random.default_rng(rows)
    marked = rng.random((rows, labels)) < np.linspace(0.02, 0.4, labels) * (
        0.5 + rng.random((rows, 1))
    )
    row, label = marked.nonzero()
    every = np.arange(rows)
    kinds = np.concatenate([row, every]), np.concatenate([label, np.full(rows, labels)])
    parts = dealt(every, kinds)
    for part, share in enumerate(SHARES):
        inside = parts == part
        assert inside.sum() == round(share * rows)
        assert np.abs(marked[inside].sum(axis=0) - share * marked.sum(axis=0)).max() < 2


def test_units_are_never_cut_and_settled_rows_never_move():
    units = np.repeat(np.arange(40), 3)
    settled = np.full(120, NOWHERE, dtype=np.int16)
    settled[:9] = [2, 2, 2, 0, 0, 0, 1, 1, 1]
    parts = dealt(units, (np.arange(120), np.zeros(120, dtype=int)), settled)
    assert parts[:9].tolist() == settled[:9].tolist()
    assert (parts.reshape(40, 3) == parts.reshape(40, 3)[:, :1]).all()
    assert np.bincount(parts).tolist() == [84, 18, 18]


def test_a_part_without_a_share_gets_nothing_and_no_other_is_empty():
    units = np.repeat([0, 1, 2], [90, 5, 5])
    kinds = np.arange(100), np.zeros(100, dtype=int)
    assert set(dealt(units, kinds, shares=np.array([0.9, 0.0, 0.1])).tolist()) == {0, 2}
    assert set(dealt(units, kinds, shares=np.array([0.98, 0.01, 0.01])).tolist()) == {0, 1, 2}
