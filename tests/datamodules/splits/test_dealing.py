"""Rows dealt out to parts by their shares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.row_hashes import draws
from datamodules.splits.dealing import deal, first_draws, wanted_by_folds, wanted_by_shares
from tests.datamodules.splits.rows import is_cut

SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=8).map(np.array)
SHARES = st.tuples(st.floats(0, 0.25), st.floats(0, 0.25))


def chance(count: int, seed: int = 0) -> np.ndarray:
    return draws(np.arange(count, dtype=np.uint64), seed)


@given(SIZES, SHARES)
@settings(deadline=None)
def test_shares_are_wanted_to_within_a_row_of_each_stratum_and_of_all(sizes, shares):
    wanted = wanted_by_shares(sizes, shares)
    every = np.array([1 - sum(shares), *shares])
    assert (wanted.sum(axis=1) == sizes).all()
    assert (wanted[:, 0] >= 1).all()
    large = sizes >= 3
    assert (wanted[~large, 0] == sizes[~large]).all()
    assert (np.abs(wanted - np.outer(sizes, every))[large] < 1).all()
    if large.all():
        off = wanted.sum(axis=0) - every * sizes.sum()
        assert (np.abs(off) <= 1 + 1e-9).all()


def test_what_one_stratum_rounds_off_the_next_makes_up_for():
    wanted = wanted_by_shares(np.full(100, 5), (0.1, 0.1))
    assert wanted.sum(axis=0).tolist() == [400, 50, 50]
    assert wanted_by_shares(np.array([20, 2]), (0.2, 0.1)).tolist() == [[14, 4, 2], [2, 0, 0]]
    assert wanted_by_shares(np.array([4]), (0.5,), least=2).tolist() == [[2, 2]]
    assert wanted_by_shares(np.array([2]), (0.5,), least=2).tolist() == [[1, 1]]


@given(SIZES, st.integers(2, 9))
@settings(deadline=None)
def test_folds_are_equal_to_within_a_row_of_each_stratum_and_of_all(sizes, folds):
    wanted = wanted_by_folds(sizes, folds)
    assert (wanted.sum(axis=1) == sizes).all()
    assert (np.ptp(wanted, axis=1) <= 1).all()
    assert np.ptp(wanted.sum(axis=0)) <= 1


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), SHARES, st.integers(0, 9))
@settings(deadline=None, max_examples=50)
def test_single_rows_are_dealt_as_is_wanted_and_by_their_draws_alone(strata, shares, seed):
    strata = np.array(strata)
    wanted = wanted_by_shares(np.bincount(strata, minlength=4), shares)
    nowhere = np.full(len(strata), -1, dtype=np.int16)
    drawn, apart = chance(len(strata), seed), np.arange(len(strata))
    told = deal(strata, apart, drawn, wanted, nowhere)
    for part in range(3):
        assert np.bincount(strata[told == part], minlength=4).tolist() == wanted[:, part].tolist()
    moved = np.random.default_rng(seed).permutation(len(strata))
    assert (deal(strata[moved], apart, drawn[moved], wanted, nowhere) == told[moved]).all()


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=50)
def test_sets_stay_whole_and_shares_are_kept_where_single_rows_fill_up(seed):
    rng = np.random.default_rng(seed)
    sets = rng.integers(2, 4, rng.integers(0, 6))
    together = np.concatenate([np.repeat(np.arange(len(sets)), sets), np.arange(40) + 10])
    strata = (together % 2).astype(np.int64)
    moved = rng.permutation(len(together))
    together, strata = together[moved], strata[moved]
    wanted = wanted_by_shares(np.bincount(strata), (0.2, 0.2))
    nowhere = np.full(len(strata), -1, dtype=np.int16)
    told = deal(strata, together, chance(len(strata), seed), wanted, nowhere)
    assert not is_cut(told, together)
    for part in range(3):
        assert np.bincount(strata[told == part], minlength=2).tolist() == wanted[:, part].tolist()


def test_the_first_part_keeps_a_row_of_each_stratum():
    assert wanted_by_shares(np.array([3, 9]), (0.5, 0.49))[:, 0].tolist() == [1, 1]


def test_sets_are_dealt_by_what_they_draw_and_not_by_their_numbers():
    rng = np.random.default_rng(0)
    together, strata = np.repeat(np.arange(20), 3), np.zeros(60, dtype=np.int64)
    drawn, nowhere = chance(60), np.full(60, -1, dtype=np.int16)
    wanted = np.array([[20, 20, 20]])
    told = deal(strata, together, drawn, wanted, nowhere)
    for _ in range(5):
        moved, other = rng.permutation(60), rng.permutation(20)
        again = deal(strata, other[together][moved], drawn[moved], wanted, nowhere)
        assert (again == told[moved]).all()


def test_sets_have_the_chance_of_single_rows():
    together = np.repeat(np.arange(150), 2)
    together[100:] = np.arange(100, 300)
    strata, nowhere = np.zeros(300, dtype=np.int64), np.full(300, -1, dtype=np.int16)
    wanted = np.array([[180, 60, 60]])
    many = [deal(strata, together, chance(300, seed), wanted, nowhere) for seed in range(200)]
    held = np.array([[(told[:100] == part).mean() for part in range(3)] for told in many])
    assert held.mean(axis=0) == pytest.approx([0.6, 0.2, 0.2], abs=0.02)


def test_what_is_settled_stays_and_new_rows_make_up_for_it():
    strata = np.zeros(10, dtype=np.int64)
    settled = np.array([2, 2, 2, 0, 0, -1, -1, -1, -1, -1], dtype=np.int16)
    wanted = np.array([[6, 2, 2]])
    told = deal(strata, np.arange(10), chance(10), wanted, settled)
    assert told[:5].tolist() == [2, 2, 2, 0, 0]
    assert np.bincount(told[5:], minlength=3).tolist() == [3, 2, 0]


def test_the_smallest_number_of_a_unit_is_its_own():
    chance = np.array([7, 3, 9, 5], dtype=np.uint64)
    assert first_draws(np.array([1, 1, 0, 0]), 2, chance).tolist() == [5, 3]
