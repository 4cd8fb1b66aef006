"""Rows that stand twice."""

import numpy as np
import polars as pl

from datamodules.cleaning.duplicates import Duplicates
from datamodules.records import Records

FRAME = pl.DataFrame({"x": [1, 1, 2, 1, 2], "y": ["a", "a", "b", "c", "b"]})
RECORDS = Records(FRAME, "a.csv")
ROWS = np.arange(5)


def test_the_first_of_equal_rows_is_kept():
    cleaned = Duplicates()(RECORDS, ROWS, ["y"])
    assert cleaned.drop.tolist() == cleaned.rows.tolist() == [1, 4]
    assert cleaned.note == "left out: 2 of 5 rows are exact copies of an earlier one"
    assert cleaned.step == "Duplicates"


def test_they_may_only_be_told_of():
    cleaned = Duplicates("report")(RECORDS, ROWS, ["y"])
    assert cleaned.rows.tolist() == [1, 4]
    assert cleaned.drop.tolist() == []
    assert cleaned.note.endswith("`cleaning: [Duplicates]` leaves them out")


def test_equal_rows_of_a_coarse_table_are_told_as_its_nature():
    chance = np.random.default_rng(0)
    coarse = pl.DataFrame({name: chance.integers(0, 3, 300) for name in "xzy"})
    cleaned = Duplicates("report")(Records(coarse, "a.csv"), np.arange(300), ["y"])
    assert "so many are no mistakes" in cleaned.note


def test_a_column_that_only_numbers_rows_tells_no_copy_from_another():
    values = np.random.default_rng(0).normal(size=200)
    values[150:] = values[:50]
    numbered = pl.DataFrame({"id": range(200), "x": values, "y": ["a", "b"] * 100})
    cleaned = Duplicates()(Records(numbered, "a.csv"), np.arange(200), ["y"])
    assert cleaned.drop.tolist() == list(range(150, 200))


def test_nothing_is_said_where_there_are_none():
    cleaned = Duplicates()(RECORDS, ROWS[1:3], ["y"])
    assert (cleaned.note, cleaned.rows.tolist()) == ("", [])
