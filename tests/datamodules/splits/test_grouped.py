"""Groups that stay whole."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.grouped import GroupedSplit
from datamodules.splits.split import Split
from datamodules.splits.splitter import Undivided
from tests.datamodules.splits.rows import is_cut, parts, table
from tests.datamodules.splits.rows import undivided as rows_of


def undivided(groups, strata=None) -> Undivided:
    rows = pl.DataFrame({"g": pl.Series(groups, strict=False), "x": range(len(groups))})
    strata = None if strata is None else np.array(strata)
    return Undivided.of(Records(rows, "g.csv"), strata=strata)


def divided(groups, strata=None, **settings) -> Split:
    return GroupedSplit("g", **settings)(undivided(groups, strata))


@given(st.lists(st.integers(0, 15), min_size=60, max_size=120), st.integers(0, 3))
@settings(deadline=None)
def test_no_group_is_cut_and_every_row_is_in_one_part(groups, seed):
    if len(set(groups)) < 3 or max(map(groups.count, groups)) > 0.7 * len(groups):
        return
    split = divided(groups, seed=seed)
    assert sorted(np.concatenate(split).tolist()) == list(range(len(groups)))
    numbers = np.array(groups)
    seen = [set(numbers[part].tolist()) for part in split]
    assert all(seen)
    assert sum(map(len, seen)) == len(set(groups))


def test_shares_and_strata_are_kept_where_groups_are_small():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(300), 4)
    strata = np.repeat(rng.integers(0, 3, 300), 4)
    split = divided(groups.tolist(), strata, val=0.2, test=0.1)
    for part, share in zip(split, (0.7, 0.2, 0.1), strict=True):
        assert len(part) / len(groups) == pytest.approx(share, abs=0.02)
        for stratum in range(3):
            mean = (strata[part] == stratum).mean()
            assert mean == pytest.approx((strata == stratum).mean(), abs=0.04)


def test_a_row_without_a_group_is_one_of_its_own():
    split = divided([None] * 100)
    assert [len(part) for part in split] == [70, 15, 15]


def test_seeds_give_other_splits_and_a_model_never_sees_the_group():
    groups = [f"p{i // 3}" for i in range(90)]
    assert divided(groups).fingerprint == divided(groups).fingerprint
    assert divided(groups).fingerprint != divided(groups, seed=1).fingerprint
    assert GroupedSplit("g").leave_out == ["g"]


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_groups_that_share_copies_stay_together(seed):
    frame = table(seed, 60, 3)
    copies = frame["x"].rank("dense").to_numpy()
    told = parts(GroupedSplit("g", seed=seed)(rows_of(frame, copies.tolist())), 60)
    assert (told >= 0).all()
    assert not is_cut(told, frame["g"].to_numpy())
    assert not is_cut(told, copies)


def test_a_group_larger_than_any_part_is_told():
    with pytest.raises(UserError, match=r"the group 'b' of 'g' has 18 of 22 rows, more than the l"):
        divided(["b"] * 18 + ["a", "c", "d", "e"])
    assert len(divided(["b"] * 15 + ["a", "c", "d", "e"], val=0.1, test=0.1).train) == 15


def test_shares_that_groups_cannot_keep_are_told():
    rows = undivided([1] * 12 + [2] * 8 + [3] * 8)
    GroupedSplit("g", 0.15, 0.15)(rows)
    assert rows.notes == [
        "groups of 'g' are too large for the shares: train has 43% of the rows rather than 70%"
    ]


def test_no_part_is_empty_that_is_wanted():
    split = divided([1] * 4 + [2] * 3 + [3] * 3, val=0.05, test=0.05)
    assert [len(part) for part in split] == [4, 3, 3]
    assert [len(part) for part in divided([1] * 3 + [2] * 3, val=0, test=0.5)] == [3, 0, 3]


def test_what_cannot_be_divided():
    with pytest.raises(UserError, match="'g' names 2 groups, too few for 3 parts"):
        divided([1, 1, 2, 2])
    with pytest.raises(UserError, match=r"column for --data.split.group 'h'\."):
        GroupedSplit("h")(undivided([1, 2, 3]))
    with pytest.raises(UserError, match="shares of a split"):
        GroupedSplit("g", val=0.6, test=0.6)
