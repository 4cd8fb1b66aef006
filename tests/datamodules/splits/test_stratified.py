"""Fixed shares with the frequencies of the strata kept, over many splits."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.split import Split
from datamodules.splits.splitter import Undivided
from datamodules.splits.stratified import StratifiedSplit

STRATA = st.lists(st.integers(-3, 8), max_size=150).map(lambda strata: np.array(strata, dtype=int))
SHARES = st.tuples(st.floats(0, 0.99), st.floats(0, 0.99)).filter(lambda pair: sum(pair) < 1)
USUAL = st.tuples(st.floats(0, 0.2), st.floats(0, 0.2))
SEEDS = st.integers(0, 5)


def numbered(strata: np.ndarray) -> np.ndarray:
    return np.arange(len(strata)) * 2 + 10


def undivided(strata: np.ndarray) -> Undivided:
    """Return rows of which every second is usable, from row 10 on."""
    records = Records(pl.DataFrame({"x": range(2 * len(strata) + 10)}), "x.csv")
    return Undivided.of(records, numbered(strata), strata)


def divided(strata: np.ndarray, shares: tuple[float, float], seed: int) -> Split:
    val, test = shares
    return StratifiedSplit(val, test, seed, rare="train")(undivided(strata))


def counts(strata: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the rows of a part in each stratum that has three rows or more."""
    values, sizes = np.unique(strata, return_counts=True)
    inside = strata[(part - 10) // 2]
    return np.array([(inside == value).sum() for value in values[sizes >= 3]], dtype=int)


@given(STRATA, SHARES, SEEDS)
@settings(deadline=None)
def test_parts_are_disjoint_complete_and_ascending(strata, shares, seed):
    rows, parts = numbered(strata), divided(strata, shares, seed)
    assert np.array_equal(np.sort(np.concatenate(parts)), rows)
    for part in parts:
        assert (np.diff(part) > 0).all()
        assert part.dtype == rows.dtype


@given(STRATA, SHARES, SEEDS)
@settings(deadline=None)
def test_every_stratum_is_trained_on_and_a_rare_one_is_not_held_out(strata, shares, seed):
    train, val, test = divided(strata, shares, seed)
    values, sizes = np.unique(strata, return_counts=True)
    assert np.isin(values, strata[(train - 10) // 2]).all()
    held_out = strata[(np.concatenate([val, test]) - 10) // 2]
    assert not np.isin(held_out, values[sizes < 3]).any()


@given(STRATA, USUAL, SEEDS)
@settings(deadline=None)
def test_shares_are_kept_to_within_a_row(strata, shares, seed):
    split = divided(strata, shares, seed)
    sizes = counts(strata, numbered(strata))
    for share, part in zip((1 - sum(shares), *shares), split, strict=True):
        assert np.abs(counts(strata, part) - share * sizes).max(initial=0) < 1
    for share, part in zip(shares, split[1:], strict=True):
        assert abs(len(part) - share * sizes.sum()) < 2


@given(STRATA, SHARES, SEEDS)
@settings(deadline=None)
def test_a_split_is_repeatable(strata, shares, seed):
    first, second = (divided(strata, shares, seed) for _ in "12")
    assert first.fingerprint == second.fingerprint


def test_seeds_give_different_splits_and_each_row_the_same_chance():
    strata = np.repeat([0, 1, 2], [5, 15, 80])
    rows = Undivided.of(Records(pl.DataFrame({"x": range(100)}), "x.csv"), strata=strata)
    splits = [StratifiedSplit(seed=seed)(rows) for seed in range(400)]
    assert len({split.fingerprint for split in splits}) == 400
    for part in ("val", "test"):
        held_out = np.bincount(np.concatenate([getattr(split, part) for split in splits]))
        share = [held_out[strata == stratum].mean() / 400 for stratum in range(3)]
        assert share == pytest.approx([0.2, 2 / 15, 0.15], abs=0.01)
        assert (np.abs(held_out[strata == 2] / 400 - 0.15) < 0.075).all()  # deviation 0.018


@pytest.mark.parametrize(
    ("val", "test"), [(-0.1, 0.2), (0.2, -0.1), (0.5, 0.5), (0.0, 1.0), (float("nan"), 0.1)]
)
def test_impossible_shares_are_told(val, test):
    with pytest.raises(UserError) as caught:
        StratifiedSplit(val, test)
    assert str(caught.value) == (
        "The shares of a split must not be negative and must leave rows to train on, got val "
        f"{val} and test {test}: try --data.split.val 0.15 --data.split.test 0.15."
    )


def with_classes(strata: list[int], names: list[str]) -> Undivided:
    records = Records(pl.DataFrame({"x": range(len(strata))}), "x.csv")
    return Undivided.of(records, strata=np.array(strata), classes=names)


def test_a_class_of_one_row_is_told_unless_it_may_be_kept_for_training():
    rows = with_classes([0] * 20 + [1, 2], ["a", "b", "c"])
    with pytest.raises(UserError, match=r"the class 'b' \(and 1 more\) has one row, which cannot"):
        StratifiedSplit()(rows)
    kept = StratifiedSplit(rare="train")(rows)
    assert {20, 21} <= set(kept.train.tolist())
    assert len(StratifiedSplit(0, 0)(rows).train) == 22
    numbers = Undivided.of(rows.records, strata=rows.strata)
    assert {20, 21} <= set(StratifiedSplit()(numbers).train.tolist())


def test_a_class_of_one_added_row_is_no_mistake_of_the_recipe():
    rows = with_classes([0] * 20 + [1], ["a", "b"])
    settled = np.array([0] * 14 + [1] * 3 + [2] * 3 + [-1], dtype=np.int16)
    assert 20 in StratifiedSplit()(rows.only(rows.rows, settled)).train


@given(st.integers(0, 500))
@settings(deadline=None, max_examples=30)
def test_copies_stay_together_and_shares_are_kept_where_single_rows_fill_up(seed):
    rng = np.random.default_rng(seed)
    strata = np.sort(rng.integers(0, 3, 120))
    together = np.arange(120)
    for stratum in range(3):
        mine = np.flatnonzero(strata == stratum)
        together[mine[: rng.integers(2, 4)]] = mine[0]
        together[mine[6:8]] = mine[6]
    moved = rng.permutation(120)
    records = Records(pl.DataFrame({"x": range(120)}), "x.csv")
    split = StratifiedSplit(0.2, 0.1)(
        Undivided.of(records, strata=strata[moved], together=together[moved])
    )
    units = [set(together[moved][part].tolist()) for part in split]
    assert sum(map(len, units)) == len(set(together.tolist()))
    for share, part in zip((0.7, 0.2, 0.1), split, strict=True):
        found = np.bincount(strata[moved][part], minlength=3)
        assert (np.abs(found - share * np.bincount(strata)) < 1).all()


def test_which_rows_are_held_out_stays_as_it_is_in_every_release():
    split = divided(np.arange(1000) % 7, (0.15, 0.2), 3)
    assert split.fingerprint == "ce8c12f55ecf9d19"
