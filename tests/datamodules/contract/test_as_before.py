"""A column that came in another type than in training."""

import datetime as dt

import polars as pl
import pytest

from datamodules.contract.as_before import as_before
from datamodules.errors import UserError

DAY, MOMENT = dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 13, 5)


def read(values, dtype: str, known=None):
    column = values if isinstance(values, pl.Series) else pl.Series("x", values)
    return as_before(column.alias("x"), dtype, known, "new.csv")


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([1, None], "Float64", [1.0, None]),
        ([True, False, None], "Float64", [1.0, 0.0, None]),
        ([" 1.5", "true", "", None], "Float64", [1.5, 1.0, None, None]),
        ([1.0, float("inf"), float("-inf")], "Float64", [1.0, None, None]),
        ([1, 0, None], "Boolean", [True, False, None]),
        ([1.0, 0.0], "Boolean", [True, False]),
        (["True", "no", " YES "], "Boolean", [True, False, True]),
        (["2024-02-29", None], "Date", [DAY, None]),
        (["2024-02-29 13:05:00"], "Date", [DAY]),
        ([MOMENT], "Date", [DAY]),
        ([DAY], "Datetime(time_unit='us', time_zone=None)", [dt.datetime(2024, 2, 29)]),
        (["2024-02-29T13:05:00"], "Datetime(time_unit='us', time_zone=None)", [MOMENT]),
        (["13:05:00"], "Time", [dt.time(13, 5)]),
        ([3, 4], "String", ["3", "4"]),
        (["a ", " ", None], "String", ["a ", None, None]),
        ([3.0, 4.5], "String", ["3", "4.5"]),
        ([True, False], "String", ["true", "false"]),
        ([None, None], "Float64", [None, None]),
        ([None], "Date", [None]),
    ],
)
def test_what_is_meant_is_what_training_had(values, dtype, expected):
    assert read(values, dtype).to_list() == expected


def test_truth_is_spelt_as_training_spelt_it():
    assert read([True, False], "String", ["False", "True"]).to_list() == ["True", "False"]


def test_a_column_of_the_right_type_is_left_as_it_is():
    column = pl.Series("x", [DAY])
    assert as_before(column, "Date", None, "new.csv") is column
    lengths = pl.Series("x", [dt.timedelta(hours=1)])
    assert as_before(lengths, "Duration(time_unit='us')", None, "new.csv") is lengths


@pytest.mark.parametrize(
    ("values", "dtype", "said"),
    [
        (["1", "old", "new"], "Float64", "held numbers in training, but in row 2 it is 'old' (and"),
        ([DAY], "Float64", "held numbers in training, but in row 1 it is '2024-02-29':"),
        (["maybe"], "Boolean", "held true or false in training, but in row 1 it is 'maybe'"),
        (["yesterday"], "Date", "held dates in training, but in row 1 it is 'yesterday'"),
        ([7], "Date", "held dates in training, but in row 1 it is '7'"),
        ([[1]], "String", "held words in training, but in row 1 it is"),
        ([5], "Duration(time_unit='us')", "held spans of time in training, but in row 1 it is '5'"),
    ],
)
def test_a_cell_that_cannot_be_read_so_is_told(values, dtype, said):
    with pytest.raises(UserError) as caught:
        read(values, dtype)
    assert str(caught.value).startswith(f"--data.source: new.csv: column 'x' {said}")


@pytest.mark.parametrize("value", [[1, 2], "x\ny" * 1000])
def test_a_value_is_quoted_on_one_short_line(value):
    with pytest.raises(UserError) as caught:
        as_before(pl.Series("a", [value]), "Float64", None, "new.parquet")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
