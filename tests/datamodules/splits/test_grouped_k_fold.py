"""Folds of whole groups."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.splits.grouped_k_fold import GroupedKFold
from datamodules.splits.split import TEST, TRAIN, VAL
from datamodules.splits.units import joined
from tests.datamodules.splits.rows import is_cut, parts, table, undivided


@given(st.integers(0, 1000), st.integers(2, 4), st.sampled_from([0, 5]))
@settings(deadline=None, max_examples=30)
def test_each_group_is_tested_once_and_never_cut(seed, folds, copies):
    rows = table(seed, 60, copies)
    together = rows["x"].rank("dense").to_numpy()
    units = joined(rows["g"].to_numpy(), together)
    if np.unique(units, return_counts=True)[1].max() > 20:
        return
    times = np.zeros(60, dtype=int)
    for each in GroupedKFold("g", folds, seed=seed).each():
        told = parts(each(undivided(rows, together.tolist())), 60)
        assert {TRAIN, VAL, TEST} == set(told.tolist())
        assert not is_cut(told, rows["g"].to_numpy())
        assert not is_cut(told, together)
        times += told == TEST
    assert (times == 1).all()


def test_folds_are_equal_and_have_the_classes_of_all_where_groups_are_small():
    strata = np.repeat(np.arange(3).repeat(40), 3)
    rows = pl.DataFrame({"g": np.arange(120).repeat(3), "y": strata})
    for each in GroupedKFold("g", 4).each():
        told = parts(each(undivided(rows)), 360)
        assert np.bincount(strata[told == TEST]).tolist() == [30, 30, 30]
        assert abs((told == VAL).sum() - 0.15 * 270) < 3 * 3


def test_a_row_without_a_group_is_one_of_its_own():
    rows = pl.DataFrame({"g": pl.Series([None] * 40, dtype=pl.String)})
    assert (parts(GroupedKFold("g", 4)(undivided(rows)), 40) == TEST).sum() == 10


def test_a_model_does_not_see_the_group():
    assert GroupedKFold("g").leave_out == ["g"]


@pytest.mark.parametrize(
    ("groups", "folds", "said"),
    [
        ([1, 1, 2, 2], 3, "3 folds are more than the 2 groups of 'rows.csv'"),
        ([1] * 9 + [2, 3], 2, "the group '1' of 'g' has 9 of 11 rows, more than the largest part"),
    ],
)
def test_groups_that_make_no_folds_are_told(groups, folds, said):
    with pytest.raises(UserError) as caught:
        GroupedKFold("g", folds)(undivided(pl.DataFrame({"g": groups})))
    assert said in str(caught.value)


def test_a_column_that_is_not_there_is_told():
    with pytest.raises(UserError, match=r"column for --data.split.group 'h'"):
        GroupedKFold("h")(undivided(table(0)))
