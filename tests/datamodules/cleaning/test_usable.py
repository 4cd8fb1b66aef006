"""Rows with a value in every column that a row needs."""

import polars as pl
import pytest

from datamodules.cleaning.usable import usable_rows
from datamodules.errors import UserError

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("values", "usable"),
    [
        ([3, None, 5], [0, 2]),
        ([1.5, NAN, None, INF, -INF, 0.0], [0, 5]),
        (["a", "", " \t", None, " b "], [0, 4]),
        ([True, None, False], [0, 2]),
        ([["a"], [], None], [0, 1]),
        (pl.Series(["a", None], dtype=pl.Categorical), [0]),
        (pl.Series([1, None], dtype=pl.Int32).cast(pl.Date), [0]),
    ],
)
def test_rows_without_a_value_are_left_out(values, usable):
    frame = pl.DataFrame({"y": values, "x": [None] * len(values)})
    rows, cleaned = usable_rows(frame, ["y"], "a.csv")
    assert rows.tolist() == usable
    assert rows.dtype == "int64"
    dropped = len(frame) - len(usable)
    assert [step.note for step in cleaned] == [
        f"left out {dropped} of {len(frame)} rows: no value in 'y'"
    ]


def test_each_row_is_told_of_once_and_other_columns_do_not_count():
    frame = pl.DataFrame({"a": [1, None, None, 4], "b": ["x", "", "y", "z"], "c": [None] * 4})
    rows, cleaned = usable_rows(frame, ["a", "b"], "a.csv")
    assert rows.tolist() == [0, 3]
    assert [step.note for step in cleaned] == ["left out 2 of 4 rows: no value in 'a'"]
    assert cleaned[0].drop.tolist() == [1, 2]
    assert usable_rows(frame, [], "a.csv")[0].tolist() == [0, 1, 2, 3]
    assert [step.note for step in usable_rows(frame, ["b"], "a.csv")[1]] == [
        "left out 1 of 4 rows: no value in 'b'"
    ]


def test_no_usable_row_is_an_error():
    frame = pl.DataFrame({"a": [1, None], "b": [None, "x"]})
    with pytest.raises(UserError) as caught:
        usable_rows(frame, ["a", "b"], "a.csv")
    assert str(caught.value) == "a.csv: none of the 2 rows has a value in 'a', 'b'."
    with pytest.raises(UserError, match="none of the 2 rows"):
        usable_rows(pl.DataFrame({"a": [None, None]}), ["a"], "a.csv")
