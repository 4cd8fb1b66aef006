"""Rows that must not be parted."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.splitter import Undivided
from datamodules.splits.units import following, groups_of, joined, parts_of_units

NUMBERS = st.lists(st.integers(0, 8), min_size=1, max_size=25)


def named(groups, rows=None) -> list[int]:
    frame = pl.DataFrame({"g": groups})
    numbers: list[int] = groups_of(Undivided.of(Records(frame, "g.csv"), rows), "g").tolist()
    return numbers


@pytest.mark.parametrize(
    ("groups", "equal"),
    [
        (["b", "a", "b", ""], {(0, 2)}),
        ([1.5, None, None, 1.5], {(0, 3)}),
        ([None, None], set()),
        ([True, False, True], {(0, 2)}),
        ([float("nan"), float("nan"), 2.0], set()),
    ],
)
def test_rows_of_one_group_are_equal_and_a_missing_group_is_one_of_its_own(groups, equal):
    numbers = named(groups)
    pairs = itertools.combinations(range(len(groups)), 2)
    assert {pair for pair in pairs if numbers[pair[0]] == numbers[pair[1]]} == equal


def test_only_usable_rows_have_a_group():
    assert len(named(["a", "b", "c"], np.array([0, 2]))) == 2


def test_a_group_that_is_no_column_is_told():
    with pytest.raises(UserError, match=r"column for --data.split.group 'gg'.*'g'"):
        groups_of(Undivided.of(Records(pl.DataFrame({"g": [1]}), "g.csv")), "gg")


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=25))
@settings(deadline=None)
def test_what_is_equal_in_either_is_joined_and_nothing_else(pairs):
    first, second = (np.array(each) for each in zip(*pairs, strict=True))
    found = joined(first, second)
    # the closure of both equalities, as Warshall's algorithm finds it
    near = (first[:, None] == first) | (second[:, None] == second)
    for middle in range(len(pairs)):
        near |= near[:, [middle]] & near[[middle], :]
    assert np.array_equal(found[:, None] == found, near)


def followed(units: list[int], settled: list[int]) -> tuple[list[int], list[str]]:
    undivided = Undivided.of(Records(pl.DataFrame({"x": units}), "x.csv"))
    some = undivided.only(np.arange(len(units)), np.array(settled, dtype=np.int16))
    return following(some, np.array(units), "copies").tolist(), some.notes


def test_new_rows_follow_the_settled_ones_of_their_unit():
    assert followed([7, 7, 3, 3, 5], [2, -1, -1, 1, -1]) == ([2, 2, 1, 1, -1], [])
    assert followed([1, 1], [-1, -1]) == ([-1, -1], [])


def test_a_new_row_between_two_parts_goes_to_training_and_is_told():
    parts, notes = followed([4, 4, 4, 4, 9], [2, 1, -1, -1, 0])
    assert parts == [2, 1, 0, 0, 0]
    assert notes == ["2 added rows went to training, since their copies have rows in several parts"]


@given(NUMBERS, st.randoms())
@settings(deadline=None)
def test_what_is_settled_never_moves(units, chance):
    settled = [chance.randint(-1, 2) for _ in units]
    parts, _ = followed(units, settled)
    assert all(part == old for part, old in zip(parts, settled, strict=True) if old != -1)


def test_which_units_have_rows_in_which_parts():
    unit, parts = np.array([0, 0, 1, 2, 2]), np.array([0, 2, -1, 1, 1], dtype=np.int16)
    assert parts_of_units(unit, parts, 4).tolist() == [
        [True, False, True],
        [False, False, False],
        [False, True, False],
        [False, False, False],
    ]
