"""What a splitter is given."""

import numpy as np
import polars as pl

from datamodules.records import Records
from datamodules.splits.splitter import Undivided, without_strata

RECORDS = Records(pl.DataFrame({"x": [5, 6, 5, 5, 7]}), "x.csv")


def test_rows_are_all_of_one_stratum_and_no_copies_by_default():
    every = Undivided.of(RECORDS)
    assert len(every) == 5
    assert every.rows.tolist() == every.together.tolist() == [0, 1, 2, 3, 4]
    assert every.strata.tolist() == [0] * 5
    assert every.settled.tolist() == [-1] * 5
    assert every.frame is RECORDS.frame
    assert (every.classes, every.notes) == (None, [])


def test_each_usable_row_has_a_key_of_its_own():
    some = Undivided.of(RECORDS, np.array([0, 2, 4]))
    assert len(some.hashes) == 5
    assert some.hashes[0] == some.hashes[2]
    assert len(set(some.keys.tolist())) == len(some) == 3


def test_some_of_the_rows():
    rows, strata = np.array([1, 2, 3, 4]), np.array([0, 1, 0, 1])
    every = Undivided.of(RECORDS, rows, strata, np.array([9, 8, 8, 7]), ["a", "b"])
    some = every.only(np.array([1, 3]), np.array([2, -1], dtype=np.int16))
    assert some.rows.tolist() == [2, 4]
    assert some.strata.tolist() == [1, 1]
    assert some.together.tolist() == [8, 7]
    assert some.settled.tolist() == [2, -1]
    assert some.classes == ["a", "b"]
    some.notes.append("told")
    assert every.notes == ["told"]


def test_parts_are_told_as_row_numbers_of_the_source():
    some = Undivided.of(RECORDS, np.array([0, 2, 3, 4]))
    split = some.split(np.array([1, 0, -1, 0], dtype=np.int16))
    assert [part.tolist() for part in split] == [[2, 4], [0], []]


def test_strata_can_be_left_out():
    one = Undivided.of(RECORDS, strata=np.arange(5))
    assert without_strata(one).strata.tolist() == [0] * 5
    assert one.strata.tolist() == [0, 1, 2, 3, 4]
