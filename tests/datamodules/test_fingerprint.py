"""A few digits that change when any value does, and with nothing else."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
import torch

from datamodules.fingerprint import fingerprint, image_digests
from datamodules.records import Records

FRAME = pl.DataFrame(
    {
        "n": [1, None, 3],
        "x": [0.5, 1.5, None],
        "text": ["a", None, "c"],
        "yes": [True, False, None],
        "day": [dt.date(2020, 1, 1), None, dt.date(2020, 1, 3)],
        "list": [["a", "b"], [], None],
    }
)
OTHER = {"n": 7, "x": 7.0, "text": "z", "yes": True, "day": dt.date(1999, 1, 1), "list": ["z"]}
"""Stands in no cell of the last two rows."""


def digits(frame: pl.DataFrame, **parts) -> str:
    return fingerprint(Records(frame, origin="rows.csv", **parts))


def test_the_digits_stay_as_they_are_on_every_machine():
    assert digits(FRAME) == "e6e373fcbba65ca2"


def test_the_digits_do_not_depend_on_how_many_rows_are_read_at_once(monkeypatch):
    whole, none = digits(FRAME), digits(FRAME.clear())
    monkeypatch.setattr("datamodules.fingerprint.ROWS", 2)
    assert digits(FRAME) == whole
    assert digits(FRAME.clear()) == none
    assert digits(FRAME[:2]) != whole


@pytest.mark.parametrize("column", FRAME.columns)
@pytest.mark.parametrize("row", [1, 2])
def test_every_cell_counts(column, row):
    values = FRAME[column].to_list()
    values[row] = OTHER[column]
    changed = FRAME.with_columns(pl.Series(column, values, dtype=FRAME[column].dtype))
    assert digits(changed) != digits(FRAME)


def test_names_and_order_count():
    assert digits(FRAME.rename({"n": "m"})) != digits(FRAME)
    assert digits(FRAME.reverse()) != digits(FRAME)
    assert digits(FRAME.select(reversed(FRAME.columns))) != digits(FRAME)


def test_a_missing_text_is_not_an_empty_one():
    assert digits(pl.DataFrame({"t": ["a", None]})) != digits(pl.DataFrame({"t": ["a", ""]}))


def test_the_kind_of_number_does_not_count():
    numbers = pl.DataFrame({"n": [1, 2]})
    assert digits(numbers) == digits(numbers.cast(pl.Float32)) == digits(numbers.cast(pl.UInt8))


def test_pixels_count_and_what_is_said_of_the_rows_does_not():
    images = torch.zeros(3, 1, 2, 2, dtype=torch.uint8)
    changed = images.clone()
    changed[2, 0, 1, 1] = 1
    assert digits(FRAME, images=images) != digits(FRAME)
    assert digits(FRAME, images=images) != digits(FRAME, images=changed)
    assert digits(FRAME, images=images) != digits(FRAME, images=images.view(3, 1, 1, 4))
    records = Records(FRAME, origin="rows.csv")
    elsewhere = replace(records, origin="copy.csv", target="text", notes=["read"])
    assert fingerprint(records) == fingerprint(elsewhere)


def test_digests_that_are_known_are_not_made_again(monkeypatch):
    images = torch.arange(12, dtype=torch.uint8).view(3, 1, 2, 2)
    digests = image_digests(images)
    assert digests.shape == (3, 16)
    assert len(digests.unique(dim=0)) == 3
    plain = digits(FRAME, images=images)
    monkeypatch.setattr("datamodules.fingerprint.image_digest", None)
    assert digits(FRAME, images=images, digests=digests) == plain
    assert digits(FRAME, images=images, digests=digests.flip(0)) != plain
