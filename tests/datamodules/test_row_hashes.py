"""What tells a row by its content."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.records import Records
from datamodules.row_hashes import draws, ordinals, row_hashes, row_hashes_of_both, row_keys


def hashed(**columns) -> list[int]:
    hashes: list[int] = row_hashes(Records(pl.DataFrame(columns), "here")).tolist()
    return hashes


ROWS = st.lists(st.tuples(st.integers(-3, 3), st.sampled_from("abc"), st.floats(-1, 1)), min_size=1)


@given(ROWS, st.randoms())
@settings(deadline=None)
def test_rows_in_any_order_and_columns_in_any_order_have_the_same_hashes(rows, chance):
    shuffled = chance.sample(rows, len(rows))
    x, y, z = zip(*rows, strict=True)
    moved = zip(*((row[2], row[0], row[1]) for row in shuffled), strict=True)
    other = dict(zip("zxy", moved, strict=True))
    before = dict(zip(rows, hashed(x=x, y=y, z=z), strict=True))
    assert [before[row] for row in shuffled] == hashed(**other)
    assert len(set(before.values())) == len(set(rows))


def test_they_are_the_same_on_every_machine_and_with_every_release():
    when = [dt.datetime(2024, 1, 1, 12), None]
    assert hashed(a=[1, -2], b=["x", "Ä y"], c=when, d=[True, False]) == [
        13410878685587421271,
        5683615819955394894,
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, 2, 3], [1.0, 2.0, 3.0]),
        ([1, 2], ["1", "2"]),
        ([1.5, 1e-7], ["1.5", "1e-07"]),
        ([0.0], [-0.0]),
        ([None, 1], [None, "1"]),
        ([dt.date(2024, 5, 1)], [dt.datetime(2024, 5, 1)]),
        ([True], ["true"]),
    ],
)
def test_equal_values_of_two_types_are_equal(one, other):
    assert hashed(a=one) == hashed(a=other)


def test_what_differs_has_another_hash():
    assert len(set(hashed(a=["007", "7", "1.10", "1.1", "", "x", None]))) == 7
    assert hashed(a=[1]) != hashed(b=[1])
    assert hashed(a=[1], b=[2]) != hashed(a=[2], b=[1])
    assert len(set(hashed(a=[2**60, 2**60 + 1]))) == 2
    assert len(set(hashed(a=[[1, 2], [1], []]))) == 3


def test_a_column_without_values_is_as_if_it_were_not_there():
    assert hashed(a=[1, 2]) == hashed(a=[1, 2], b=[None, None])


def test_an_image_is_its_pixels_whatever_its_name_and_label():
    images = torch.arange(3 * 4, dtype=torch.uint8).view(3, 1, 2, 2)
    one = Records(pl.DataFrame({"label": ["a", "b", "c"], "path": ["1", "2", "3"]}), "x", images)
    other = Records(pl.DataFrame({"label": ["z", "z", "z"]}), "y", images.flip(0))
    assert row_hashes(one).tolist() == row_hashes(other)[::-1].tolist()
    assert len(set(row_hashes(one).tolist())) == 3


def test_each_of_equal_rows_has_a_key_of_its_own():
    hashes = np.array([5, 7, 5, 5, 7, 9], dtype=np.uint64)
    assert ordinals(hashes).tolist() == [0, 0, 1, 2, 1, 0]
    keys = row_keys(hashes)
    assert len(set(keys.tolist())) == 6
    assert keys[[0, 1, 5]].tolist() == [5, 7, 9]
    assert set(row_keys(hashes[::-1].copy()).tolist()) == set(keys.tolist())


def test_draws_follow_from_seed_and_row_alone_and_are_even():
    hashes = row_hashes(Records(pl.DataFrame({"a": range(10_000)}), "here"))
    first = draws(hashes, 1)
    assert draws(hashes[::-1], 1).tolist() == first[::-1].tolist()
    assert abs(float((first / 2.0**64).mean()) - 0.5) < 0.02
    assert np.corrcoef(first.astype(float), draws(hashes, 2).astype(float))[0, 1] < 0.05


@pytest.mark.parametrize(
    "columns", [[], ["x"], ["y", "x"], ["x", "y", "z"], ["path"], ["x", "path"]]
)
def test_hashes_of_both_are_those_of_each(columns):
    frame = pl.DataFrame({"x": [1, 2, None], "y": ["a", "b", "a"], "z": [0.5, 1.5, 2.5]})
    frame = frame.with_columns(path=pl.Series(["1.png", "2.png", "3.png"]))
    records = Records(frame, "here", names="path")
    some, every = row_hashes_of_both(records, columns)
    assert some.tolist() == row_hashes(records, columns).tolist()
    assert every.tolist() == row_hashes(records).tolist()


def test_hashes_of_both_of_images():
    images = torch.arange(24, dtype=torch.uint8).reshape(3, 1, 2, 4)
    records = Records(pl.DataFrame({"label": ["a", "b", "c"]}), "here", images=images)
    for columns in ([], ["label"]):
        some, every = row_hashes_of_both(records, columns)
        assert some.tolist() == row_hashes(records, columns).tolist()
        assert every.tolist() == row_hashes(records).tolist()
