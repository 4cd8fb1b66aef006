"""Which hits are more than chance."""

import numpy as np

from datamodules.near_duplicates.chance import rarity, unlikely

NONE = np.zeros(4)


def test_hits_among_few_near_misses_are_told():
    hits = np.array([True, True, True, False])
    told = unlikely(hits, np.full(4, 0.1), NONE, 0.1)
    assert told.tolist() == [True, True, True, False]


def test_hits_that_chance_gives_are_not():
    hits = np.arange(100) % 10 == 0
    assert not unlikely(hits, np.full(100, 0.1), np.zeros(100), 0.1).any()


def test_the_unlikely_ones_are_told_beside_the_likely():
    hits = np.concatenate([np.ones(10, dtype=bool), np.arange(100) % 2 == 0])
    chance = np.concatenate([np.full(10, 1e-6), np.full(100, 0.5)])
    assert np.flatnonzero(unlikely(hits, chance, np.zeros(110), 0.1)).tolist() == [*range(10)]


def test_or_the_nearer_ones():
    hits = np.concatenate([np.ones(60, dtype=bool), np.arange(100) % 2 == 0])
    near = np.concatenate([np.full(60, 20.0), np.zeros(100)])
    told = unlikely(hits, np.full(160, 0.5), near, 0.1)
    assert np.flatnonzero(told).tolist() == [*range(60)]


def test_no_pairs():
    empty = np.zeros(0)
    assert unlikely(empty.astype(bool), empty, empty, 0.1).tolist() == []


def test_a_rare_key_surprises():
    assert np.allclose(rarity(np.array([0, 0, 0, 1])), np.log([4 / 3, 4 / 3, 4 / 3, 4]))
