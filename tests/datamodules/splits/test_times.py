"""Times, and what lies between parts."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.splitter import Undivided
from datamodules.splits.times import (
    boundary,
    boundary_before,
    counted,
    gap_in,
    times_of,
)

DAY = dt.date(2024, 1, 31)
NOON = dt.datetime(2024, 1, 31, 12)


def of(values, rows=None) -> Undivided:
    return Undivided.of(Records(pl.DataFrame({"t": values}), "t.csv"), rows)


def test_the_times_of_usable_rows():
    assert times_of(of([3, None, 1], np.array([0, 2])), "t").to_list() == [3, 1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, float("nan")], "'t' is missing in 1 rows (first: row 2)"),
        ([DAY, None, None], "'t' is missing in 2 rows (first: row 2)"),
        ([True, False], "'t' holds neither dates nor numbers, but Boolean, such as 'True'"),
        (["x", "y"], "such as 'x': write dates as 2024-12-31"),
        ([None, None], "'t' holds neither dates nor numbers, but Null: write dates"),
    ],
)
def test_values_that_are_no_times_are_told(values, said):
    with pytest.raises(UserError) as caught:
        times_of(of(values), "t")
    assert said in str(caught.value)


def test_a_missing_time_is_told_by_its_row_in_the_source():
    with pytest.raises(UserError, match=r"first: row 4\)"):
        times_of(of([1, 2, 3, None], np.array([1, 3])), "t")


def test_a_column_that_is_not_there_is_told_with_the_setting():
    with pytest.raises(UserError, match=r"column for --data.split.when 'u'"):
        times_of(of([1]), "u", "when")


@pytest.mark.parametrize(
    ("times", "gap", "units"),
    [
        ([DAY], 3, 3),
        ([DAY], "2w", 14),
        ([DAY], "12h", 0.5),
        ([NOON], 1, 86_400e6),
        ([NOON], "1.5h", 5400e6),
        ([NOON], "30 m", 1800e6),
        ([NOON], "1s", 1e6),
        ([dt.time(1)], "1m", 60e9),
        ([7], 2.5, 2.5),
        ([7.0], "3", 3),
    ],
)
def test_a_gap_counts_in_the_units_of_the_times(times, gap, units):
    assert gap_in(pl.Series(times), gap) == pytest.approx(units)
    step = counted(pl.Series([*times, *times]))
    assert step[0] == step[1]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_gap_of_a_day_is_a_day_in_every_unit(unit):
    column = pl.Series([NOON, NOON + dt.timedelta(days=1)], dtype=pl.Datetime(unit))
    times = counted(column)
    assert times[1] - times[0] == gap_in(column, 1) == gap_in(column, "24h")


@pytest.mark.parametrize(
    ("times", "gap", "said"),
    [
        ([DAY], "a week", "'a week' is not a length of time such as 7d, 12h or 30m"),
        ([DAY], -1, "'-1' is not a length of time"),
        ([1], "7d", "'7d' is not a number, as the times"),
        ([1], float("nan"), "'nan' is not a number"),
    ],
)
def test_a_gap_that_is_none_is_told(times, gap, said):
    with pytest.raises(UserError) as caught:
        gap_in(pl.Series(times), gap)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("place", "nearest"), [(0, 0), (1, 1), (2, 1), (3, 4), (4, 4), (5, 5), (6, 6)]
)
def test_a_boundary_cuts_no_run_of_equal_times(place, nearest):
    assert boundary(np.array([1, 2, 2, 2, 3, 4]), place) == nearest


def test_a_boundary_before_another_leaves_rows_between_where_there_are_any():
    ordered = np.array([1, 2, 2, 2, 3, 4])
    assert [boundary_before(ordered, place, 4) for place in (1, 3, 4)] == [1, 1, 1]
    assert boundary_before(ordered, 5, 6) == 5
    assert boundary_before(ordered, 0, 0) == 0
