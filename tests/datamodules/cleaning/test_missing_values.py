"""Rows with gaps."""

import numpy as np
import polars as pl
import pytest

from datamodules.cleaning.missing_values import MissingValues
from datamodules.errors import UserError
from datamodules.records import Records

FRAME = pl.DataFrame(
    {"a": [1.0, None, 3.0, float("inf")], "b": ["x", "y", " ", "z"], "y": [1, 2, 3, None]}
)
RECORDS = Records(FRAME, "a.csv")


def test_rows_with_a_gap_in_any_input_are_left_out():
    cleaned = MissingValues()(RECORDS, np.arange(4), ["y"])
    assert cleaned.drop.tolist() == [1, 2, 3]
    assert cleaned.note == ("left out: 3 of 4 rows have a missing value (most of them, 2, in 'a')")


def test_only_named_columns_and_given_rows_count():
    assert MissingValues(["b"])(RECORDS, np.arange(4), ["y"]).drop.tolist() == [2]
    assert MissingValues(["b"])(RECORDS, np.array([0, 3]), ["y"]).note == ""


def test_a_column_that_is_not_there():
    with pytest.raises(UserError, match=r"a\.csv has no column 'bb'\. .*Valid: 'a', 'b', 'y'"):
        MissingValues(["bb"])(RECORDS, np.arange(4), ["y"])
    with pytest.raises(UserError, match="MissingValues names no column"):
        MissingValues([])
