"""Rows that say two things of the same."""

import numpy as np
import polars as pl

from datamodules.cleaning.conflicts import Conflicts
from datamodules.records import Records

FRAME = pl.DataFrame({"x": [1, 1, 2, 2, 3, 3], "y": ["a", "b", "c", "c", "a", "d"]})
RECORDS = Records(FRAME, "a.csv")


def test_all_rows_of_a_conflict_are_left_out_and_copies_are_none():
    cleaned = Conflicts()(RECORDS, np.arange(6), ["y"])
    assert cleaned.drop.tolist() == [0, 1, 4, 5]
    assert cleaned.note == (
        "left out: 4 of 6 rows have the inputs of another row and another target (first: rows 1 "
        "and 2)"
    )
    assert cleaned.table is not None
    assert cleaned.table.rows() == [(0, 0, "a"), (1, 0, "b"), (4, 1, "a"), (5, 1, "d")]


def test_they_may_only_be_told_of():
    cleaned = Conflicts("report")(RECORDS, np.arange(2), ["y"])
    assert (cleaned.rows.tolist(), cleaned.drop.tolist()) == ([0, 1], [])
    assert cleaned.note.endswith("`cleaning: [Conflicts]` leaves them out")
    assert Conflicts()(RECORDS, np.arange(2, 4), ["y"]).note == ""


def test_of_several_targets_one_is_enough():
    frame = pl.DataFrame({"x": [1, 1, 1], "y": [0, 0, 0], "z": [1.0, 1.0, 2.0]})
    assert Conflicts()(Records(frame, "a.csv"), np.arange(2), ["y", "z"]).note == ""
    assert len(Conflicts()(Records(frame, "a.csv"), np.arange(3), ["y", "z"]).drop) == 3
