"""Rows that are exact copies of one another."""

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from datamodules.cleaning.copies import advice, are_by_nature, copies, input_columns
from datamodules.records import Records


def test_advice_is_to_leave_few_rows_out():
    assert advice("Duplicates", by_nature=False) == "`cleaning: [Duplicates]` leaves them out"
    assert "no mistakes" in advice("Duplicates", by_nature=True)


def told(frame: pl.DataFrame, rows=None, **known) -> list[list[int]]:
    records = Records(frame, "a.csv", **known)
    rows = np.arange(len(frame)) if rows is None else np.array(rows)
    return [group.tolist() for group in copies(records, rows, input_columns(records, ["y"]))]


@given(st.lists(st.tuples(st.sampled_from([1.5, None, -0.5]), st.sampled_from(["a", "b", None]))))
def test_groups_are_those_of_a_dictionary(cells):
    frame = pl.DataFrame(cells, schema={"x": pl.Float64, "z": pl.String}, orient="row")
    groups: dict[object, list[int]] = {}
    for row, cell in enumerate(cells):
        groups.setdefault(cell, []).append(row)
    assert told(frame) == [group for group in groups.values() if len(group) > 1]


def test_only_given_rows_and_columns_that_a_model_sees_are_compared():
    frame = pl.DataFrame({"id": [1, 2, 3, 4], "x": [5, 5, 5, 6], "y": [0, 1, 0, 0]})
    assert told(frame) == []
    assert told(frame, leave_out=["id"]) == [[0, 1, 2]]
    assert told(frame, rows=[1, 2, 3], names="id") == [[1, 2]]


def test_images_are_compared_by_their_pixels_and_not_by_their_paths():
    images = torch.zeros(4, 1, 2, 2, dtype=torch.uint8)
    images[1, 0, 0, 0] = 1
    images[3] = images[1]
    frame = pl.DataFrame({"y": ["a", "b", "a", "b"], "path": ["1.png", "2.png", "3.png", "4.png"]})
    assert told(frame, images=images, names="path") == [[0, 2], [1, 3]]


def test_lists_are_compared_whole_and_a_table_without_inputs_has_no_copies():
    assert told(pl.DataFrame({"x": [[1, 2], [1, 2], [2, 1]], "y": [0, 0, 0]})) == [[0, 1]]
    assert told(pl.DataFrame({"y": [1, 1]})) == []


CHANCE = np.random.default_rng(0)
SENTENCES = [" ".join(CHANCE.choice(["good", "bad", "tea", "milk"], 9)) for _ in range(200)]
NUMBERS = CHANCE.normal(size=(200, 2)).round(5)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}, False),
        ({"a": NUMBERS[:, 0]}, False),
        ({"text": SENTENCES}, False),
        ({"text": SENTENCES[:20] * 10}, False),
        ({"name": ["tea", "milk", "New York", "bad"] * 50}, True),
        ({"age": CHANCE.integers(18, 80, 200)}, True),
        ({"a": CHANCE.integers(0, 3, 200), "b": CHANCE.integers(0, 9, 200)}, True),
        ({"a": NUMBERS[:, 0], "b": CHANCE.integers(0, 2, 200)}, False),
        ({"a": [1] * 200, "b": [2] * 200}, False),
    ],
)
def test_many_equal_rows_are_by_nature_where_values_are_few(columns, expected):
    frame = pl.DataFrame(columns)
    frame = pl.concat([frame, frame[:40]])
    found = len(frame) - frame.n_unique()
    rows = np.arange(len(frame))
    assert are_by_nature(Records(frame, "a.csv"), rows, frame.columns, found) == expected


def test_few_equal_rows_and_equal_images_are_never_by_nature():
    frame = pl.DataFrame({"a": [1, 2] * 50, "b": [1] * 100})
    rows = np.arange(100)
    assert not are_by_nature(Records(frame, "a.csv"), rows, ["a", "b"], 10)
    assert are_by_nature(Records(frame, "a.csv"), rows, ["a"], 98)
    images = torch.zeros(100, 1, 1, 1, dtype=torch.uint8)
    assert not are_by_nature(Records(frame, "a.csv", images), rows, [], 99)
