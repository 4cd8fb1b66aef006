"""Rows that become others when all their numbers are rounded alike."""

import polars as pl
import pytest

from datamodules.near_duplicates.roundings import MOST, Rounding, meetings


@pytest.mark.parametrize(
    ("places", "significant", "half", "value", "rounded"),
    [
        (1, False, "half_to_even", 0.047, 0.0),
        (2, False, "half_away_from_zero", 0.285, 0.29),
        (2, False, "half_to_even", 0.285, 0.28),
        (-1, False, "half_away_from_zero", 125.0, 130.0),
        (2, True, "half_to_even", 0.012345, 0.012),
        (2, True, "half_to_even", -98765.0, -99000.0),
        (3, True, "half_to_even", 0.0, 0.0),
    ],
)
def test_numbers_are_rounded_as_they_are_written(places, significant, half, value, rounded):
    way = Rounding(places, significant, whole=True, half=half)
    found = pl.DataFrame({"x": [value]}).select(way.of("x").alias("x"))["x"]
    assert found.to_list() == pytest.approx([rounded], rel=1e-12)


def test_a_row_meets_the_one_that_it_becomes():
    frame = pl.DataFrame({"x": [0.047, 0.0, 519.82], "y": [17.99, 18.0, 3.0], "z": ["a"] * 3})
    meet, _ = meetings(frame, ["x", "y"])
    assert [0, 1] in meet.tolist()
    assert [1, 0] not in meet.tolist()


def test_two_that_become_the_same_nearly_meet():
    frame = pl.DataFrame({"x": [1.04, 1.03, 170.0]})
    meet, miss = meetings(frame, ["x"])
    assert len(meet) == 0
    assert {(0, 1)} == set(map(tuple, miss.tolist()))


def test_what_is_no_number_has_to_be_equal():
    frame = pl.DataFrame({"x": [1.04, 1.0, 1.0], "z": ["a", "b", "a"]})
    meet, _ = meetings(frame, ["x"])
    assert {(0, 2)} == set(map(tuple, meet.tolist()))


def test_a_row_that_rounding_leaves_as_it_is_is_round():
    # 435 / 100 errs in the last bit where it is 435 times one over 100; two decimals alone fit both
    values = [whole / 100 for whole in range(100, 1000) if whole % 10]
    frame = pl.DataFrame({"x": [*(value + 0.001 for value in values), *values]})
    meet, _ = meetings(frame.with_columns(y=100 + pl.col("x")), ["x", "y"])
    assert {(row, row + 810) for row in range(810)} <= set(map(tuple, meet.tolist()))


def test_many_rows_that_become_one_are_a_coarse_table():
    many = [1.01234 + 0.00102 * number for number in range(MOST + 1)]
    assert len(meetings(pl.DataFrame({"x": [1.0, *many]}), ["x"])[0]) == 0
    assert len(meetings(pl.DataFrame({"x": [1.0, *many[:MOST]]}), ["x"])[0]) > 0
