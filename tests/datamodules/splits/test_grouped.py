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


def test_what_cannot_be_divided():
    with pytest.raises(UserError, match="'g' names 2 groups, too few for 3 parts"):
        divided([1, 1, 2, 2])
    with pytest.raises(UserError, match=r"column for --data.split.group 'h'\."):
        GroupedSplit("h")(undivided([1, 2, 3]))
    with pytest.raises(UserError, match="shares of a split"):
        GroupedSplit("g", val=0.6, test=0.6)
