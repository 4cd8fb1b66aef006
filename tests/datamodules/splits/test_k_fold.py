"""Folds of single rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.splits.folds import Folds
from datamodules.splits.grouped_k_fold import GroupedKFold
from datamodules.splits.k_fold import KFold, RepeatedKFold, StratifiedKFold
from datamodules.splits.split import TEST, TRAIN, VAL
from datamodules.splits.splitter import Undivided
from tests.datamodules.splits.rows import is_cut, parts, records, table, undivided

SEEDS, FOLDS = st.integers(0, 1000), st.integers(2, 6)


def told_by(folds: Folds, rows: Undivided) -> list[np.ndarray]:
    """Return the parts of rows for each fold that is held out."""
    return [parts(each(rows), len(rows)) for each in folds.each()]


@pytest.mark.parametrize("kind", [KFold, StratifiedKFold])
@given(SEEDS, FOLDS, st.sampled_from([0, 4]))
@settings(deadline=None, max_examples=15)
def test_each_row_is_tested_once_and_in_one_part_of_each_fold(kind, seed, folds, copies):
    rows = table(seed, 50, copies)
    together = rows["x"].rank("dense").to_list()
    told = told_by(kind(folds, seed=seed), undivided(rows, together))
    assert len(told) == folds
    assert (sum((each == TEST).astype(int) for each in told) == 1).all()
    for each in told:
        assert (each >= 0).all()
        assert {TRAIN, VAL, TEST} == set(each.tolist())
        assert not is_cut(each, np.array(together))


@given(SEEDS, FOLDS, st.integers(1, 3))
@settings(deadline=None, max_examples=10)
def test_each_row_is_tested_once_in_each_repeat(seed, folds, repeats):
    kind = RepeatedKFold(folds, repeats=repeats)
    told = told_by(kind, undivided(table(seed, 40, 0)))
    assert len(told) == kind.count == folds * repeats
    for repeat in range(repeats):
        mine = told[repeat * folds : (repeat + 1) * folds]
        assert (sum((each == TEST).astype(int) for each in mine) == 1).all()
    assert len({(each == TEST).tobytes() for each in told}) == len(told)


@given(SEEDS, FOLDS, st.floats(0, 0.4))
@settings(deadline=None, max_examples=20)
def test_strata_are_kept_to_within_a_row(seed, folds, val):
    rows = table(seed, 60, 0)
    strata = rows["y"].to_numpy()
    sizes = np.bincount(strata)
    for told in told_by(StratifiedKFold(folds, val=val), undivided(rows)):
        test = np.bincount(strata[told == TEST], minlength=3)
        assert (np.abs(test - sizes / folds) < 1).all()
        validation = np.bincount(strata[told == VAL], minlength=3)
        assert (np.abs(validation - val * (sizes - test)) < 1).all()


def test_folds_without_strata_are_equal():
    told = told_by(KFold(4), undivided(table(0, 42, 0)))
    assert sorted((each == TEST).sum() for each in told) == [10, 10, 11, 11]


def test_strata_are_kept_where_there_are_copies():
    rows = table(3, 120, 0)
    strata = rows["y"].to_numpy()
    together = np.arange(120)
    for stratum in range(3):
        together[np.flatnonzero(strata == stratum)[:2]] = 200 + stratum
    for told in told_by(StratifiedKFold(4), undivided(rows, together.tolist())):
        test = np.bincount(strata[told == TEST], minlength=3)
        assert (np.abs(test - np.bincount(strata) / 4) < 1).all()


def test_a_class_of_two_rows_is_tested_in_two_folds():
    rows = Undivided.of(records(table(0, 30)), strata=np.arange(30) // 28, classes=["a", "b"])
    told = told_by(StratifiedKFold(3), rows)
    assert sum((each[28:] == TEST).sum() for each in told) == 2
    assert all((each[28:] == TRAIN).any() for each in told)


def test_two_other_rows_of_a_class_are_enough_for_validation():
    rows = Undivided.of(records(table(0, 30)), strata=np.arange(30) // 27, classes=["a", "b"])
    told = told_by(StratifiedKFold(3, val=0.4), rows)
    assert [np.bincount(each[27:], minlength=3).tolist() for each in told] == [[1, 1, 1]] * 3


@pytest.mark.parametrize("kind", [KFold(3), StratifiedKFold(3), GroupedKFold("g", 3)])
def test_rows_that_are_added_to_each_fold_are_tested_once(kind):
    frame = table(0, 90, 0)
    old = undivided(frame[:60])
    tested = np.zeros(90, dtype=int)
    for each in kind.each():
        settled = np.full(90, -1, dtype=np.int16)
        settled[:60] = parts(each(old), 60)
        every = undivided(frame)
        told = parts(each(every.only(every.rows, settled)), 90)
        assert (told[:60] == settled[:60]).all()
        tested += told == TEST
    assert (tested == 1).all()


def test_the_seed_and_the_validation_of_each_fold_are_their_own():
    rows = undivided(table(0, 60, 0))
    first, second = told_by(KFold(3), rows), told_by(KFold(3, seed=1), rows)
    assert not np.array_equal(first[0] == TEST, second[0] == TEST)
    assert len({(each == VAL).tobytes() for each in first}) == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: KFold(1), "data.split.folds: 1 is too few"),
        (lambda: KFold(5, 5), "there is no fold 5: they count from 0 to 4"),
        (lambda: KFold(5, -1), "there is no fold -1: they count from 0 to 4"),
        (lambda: KFold(val=1.0), "data.split.val: 1.0 is no share"),
        (lambda: RepeatedKFold(5, 15), "there is no fold 15: they count from 0 to 14"),
        (lambda: RepeatedKFold(repeats=0), "data.split.repeats: 0 is too few"),
        (
            lambda: KFold(7)(undivided(table(0, 6, 0))),
            "7 folds are more than the 6 rows that differ of 'rows.csv': try --data.split.folds 5",
        ),
        (
            lambda: KFold(3)(undivided(table(0, 6, 0), [1, 1, 1, 1, 1, 2])),
            "3 folds are more than the 2 rows that differ",
        ),
    ],
)
def test_wrong_folds_are_told(wrong, said):
    with pytest.raises(UserError) as caught:
        wrong()
    assert said in str(caught.value)


def test_a_class_of_one_row_is_told():
    rows = Undivided.of(records(table(0, 10)), strata=np.arange(10) // 9, classes=["a", "b"])
    with pytest.raises(UserError, match=r"the class 'b' has one row, .* use KFold"):
        StratifiedKFold(3)(rows)
    assert len(KFold(3)(rows).test) in (3, 4)
