"""The past for training, the future held out."""

import datetime as dt
import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.by_time import TimeSplit
from datamodules.splits.split import Split
from datamodules.splits.splitter import Undivided


def undivided(times, rows=None) -> Undivided:
    return Undivided.of(Records(pl.DataFrame({"t": times}), "t.csv"), rows)


def divided(times, rows=None, **arguments) -> Split:
    return TimeSplit("t", **arguments)(undivided(times, rows))


@given(st.lists(st.integers(0, 30), min_size=60, max_size=100))
@settings(deadline=None, max_examples=50)
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


NUMBER, DAY, HOUR = 1, dt.timedelta(days=1), dt.timedelta(hours=1)
STARTS = {NUMBER: 5, DAY: dt.date(2023, 12, 1), HOUR: dt.datetime(2024, 2, 28, 7)}


@pytest.mark.parametrize(("step", "unit"), [(NUMBER, ""), (DAY, "d"), (HOUR, "h")])
@given(st.integers(0, 1000), st.integers(0, 8))
@settings(deadline=None, max_examples=25)
def test_a_gap_lies_between_parts(step, unit, seed, gap):
    values = np.random.default_rng(seed).integers(0, 60, 50)
    times = [STARTS[step] + int(count) * step for count in values]
    split = divided(times, val=0.3, gap=f"{gap}{unit}")
    train, val, test = (values[part] for part in split)
    for earlier, later in ((train, val), (val, test)):
        assert earlier.max() <= later.min() - gap
        assert earlier.max() < later.min()
    left_out = sorted(set(range(len(values))) - set(np.concatenate(split).tolist()))
    for row in left_out:
        first = min(each.min() for each in (val, test) if each.min() > values[row])
        assert values[row] > first - gap
    assert gap or not left_out


def test_validation_has_the_last_time_before_the_test_at_least():
    quarters = [quarter for quarter in range(4) for _ in range(25)]
    assert [len(part) for part in divided(quarters)] == [50, 25, 25]
    assert [len(part) for part in divided(quarters, val=0)] == [75, 0, 25]


def test_what_lies_in_the_gap_is_told():
    rows = undivided(list(range(100)))
    split = TimeSplit("t", 0.2, 0.2, gap=5)(rows)
    assert [(part[0], part[-1]) for part in split] == [(0, 55), (60, 75), (80, 99)]
    assert rows.notes == ["8 rows lie in the gap and are in no part"]


@pytest.mark.parametrize("gap", [16, 90])
def test_a_gap_that_leaves_nothing_of_a_part_is_told(gap):
    with pytest.raises(UserError, match=rf"'t' has too few rows for a gap of {gap} to hold"):
        divided(list(range(100)), gap=gap)


def with_parts(times, settled, **arguments) -> tuple[list[int], list[str]]:
    rows = undivided(times)
    some = rows.only(np.arange(len(times)), np.array(settled, dtype=np.int16))
    split = TimeSplit("t", **arguments)(some)
    told = [[row in part for part in split] for row in range(len(times))]
    return [each.index(True) if any(each) else -1 for each in told], some.notes


def test_new_rows_lie_between_settled_ones():
    times, settled = [1, 2, 3, 4, 5, 0, 3, 4, 9], [0, 0, 1, 1, 2, -1, -1, -1, -1]
    assert with_parts(times, settled) == ([0, 0, 1, 1, 2, 0, 1, 1, 2], [])
    assert with_parts([1, 5, 8, 3, 6], [0, 1, 2, -1, -1], gap=3)[0] == [0, 1, 2, -1, -1]


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
