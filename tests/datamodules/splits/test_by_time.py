"""The past for training, the future held out."""

import datetime as dt
import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.by_time import TimeSplit
from datamodules.splits.split import Split
from datamodules.splits.splitter import Undivided


def undivided(times, rows=None) -> Undivided:
    return Undivided.of(Records(pl.DataFrame({"t": times}), "t.csv"), rows)


def divided(times, rows=None, **settings) -> Split:
    return TimeSplit("t", **settings)(undivided(times, rows))


@given(st.lists(st.integers(0, 30), min_size=60, max_size=100))
def test_time_never_runs_backwards_and_equal_times_stay_together(times):
    if len(set(times)) < 12:
        return
    split = divided(times)
    assert sorted(np.concatenate(split).tolist()) == list(range(len(times)))
    values = np.array(times)
    bounds = [(values[part].min(), values[part].max()) for part in split if len(part)]
    for (_, last), (first, _) in itertools.pairwise(bounds):
        assert last < first


def test_dates_in_any_order_have_their_shares():
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=int(i)) for i in range(100)]
    order = np.random.default_rng(0).permutation(100)
    split = divided([days[i] for i in order], val=0.2, test=0.1)
    assert [sorted(order[part].tolist()) for part in split] == [
        list(range(70)),
        list(range(70, 90)),
        list(range(90, 100)),
    ]


def test_unusable_rows_do_not_count():
    split = divided([None, 1, 2, 3, 4], rows=np.array([1, 2, 3, 4]), val=0.25, test=0.25)
    assert [part.tolist() for part in split] == [[1, 2], [3], [4]]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([1, None, 3], "'t' is missing in 1 rows (first: row 2)"),
        (["a", "b", "c"], "'t' holds neither dates nor numbers, but String, such as 'a'"),
        ([5, 5, 5, 5], "'t' has too few different values"),
    ],
)
def test_what_has_no_order(times, said):
    with pytest.raises(UserError) as caught:
        divided(times)
    assert said in str(caught.value)


def test_a_column_that_is_not_there():
    with pytest.raises(UserError, match=r"column for --data.split.time 'u'\."):
        TimeSplit("u")(undivided([1, 2, 3]))
