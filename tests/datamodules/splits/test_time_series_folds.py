"""Folds in the order of time."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.splits.split import TEST, TRAIN, VAL
from datamodules.splits.time_series_folds import TimeSeriesFolds
from tests.datamodules.splits.rows import parts, undivided

STARTS = [(3.5, 1), (dt.date(2024, 2, 1), dt.timedelta(days=1))]


def rows(times) -> pl.DataFrame:
    return pl.DataFrame({"t": times})


@pytest.mark.parametrize("window", ["expanding", "sliding"])
@pytest.mark.parametrize(("start", "step"), STARTS)
@given(st.integers(0, 1000), st.integers(0, 2))
@settings(deadline=None, max_examples=12)
def test_time_never_runs_backwards_and_each_row_is_tested_once_at_most(
    window, start, step, seed, gap
):
    values = np.random.default_rng(seed).integers(0, 120, 120)
    times = rows([start + int(count) * step for count in values])
    tested = np.zeros(len(values), dtype=int)
    last = -1
    for each in TimeSeriesFolds("t", 3, val=0.3, gap=gap, window=window).each():
        told = parts(each(undivided(times)), len(values))
        train, val, test = (values[told == part] for part in (TRAIN, VAL, TEST))
        assert min(map(len, (train, val, test))) > 0
        assert train.max() < val.min()
        assert val.max() < test.min()
        assert train.max() <= val.min() - gap
        assert val.max() <= test.min() - gap
        assert last < test.min()
        if window == "expanding":
            assert (told[values <= train.max()] == TRAIN).all()
        last = test.max()
        tested += told == TEST
    assert (tested <= 1).all()
    assert (tested[values == values.max()] == 1).all()


@pytest.mark.parametrize(
    ("window", "fold", "bounds"),
    [
        ("expanding", 0, [(0, 19), (20, 24), (25, 49)]),
        ("expanding", 2, [(0, 59), (60, 74), (75, 99)]),
        ("sliding", 0, [(0, 19), (20, 24), (25, 49)]),
        ("sliding", 2, [(50, 69), (70, 74), (75, 99)]),
    ],
)
def test_each_fold_holds_out_the_next_block(window, fold, bounds):
    order = np.random.default_rng(0).permutation(100)
    some = undivided(rows(order))
    split = TimeSeriesFolds("t", 3, fold, val=0.2, window=window)(some)
    found = [(order[part].min(), order[part].max()) for part in split]
    assert found == bounds
    assert sum(map(len, split)) == sum(last - first + 1 for first, last in bounds)
    elsewhere = 100 - sum(map(len, split))
    told = [f"{elsewhere} rows are in no part of fold {fold}"] if elsewhere else []
    assert [note.partition(":")[0] for note in some.notes] == told


def test_validation_has_the_last_time_before_the_test_at_least():
    split = TimeSeriesFolds("t", 3, 2)(undivided(rows([n // 10 for n in range(80)])))
    assert [len(part) for part in split] == [50, 10, 20]


def test_no_validation_where_none_is_wanted():
    split = TimeSeriesFolds("t", 4, 3, val=0)(undivided(rows(range(50))))
    assert [len(part) for part in split] == [40, 0, 10]


@pytest.mark.parametrize(
    ("times", "arguments", "said"),
    [
        ([1, 2, 3], {}, "the 3 different values of 't' are too few for 5 folds, each after what"),
        (range(30), {"gap": 9}, "too few for 5 folds, each after what is trained on and a gap"),
        ([1, None, 3], {}, "'t' is missing in 1 rows (first: row 2)"),
    ],
)
def test_times_that_make_no_folds_are_told(times, arguments, said):
    with pytest.raises(UserError) as caught:
        TimeSeriesFolds("t", **arguments)(undivided(rows(times)))
    assert said in str(caught.value)


def test_a_fold_that_is_not_there_is_told():
    with pytest.raises(UserError, match=r"there is no fold 5: they count from 0 to 4"):
        TimeSeriesFolds("t", fold=5)
