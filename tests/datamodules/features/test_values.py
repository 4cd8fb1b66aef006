"""Values as numbers and as text, whatever type a file gave them."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.features.values import as_numbers, no_numbers, require_column

NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ([1, None, 3], [1, NAN, 3]),
        ([1.5, float("inf"), -float("inf"), NAN], [1.5, NAN, NAN, NAN]),
        ([1.7e308, -1.7e308, -float("inf"), NAN], [1e307, -1e307, NAN, NAN]),
        ([True, False, None], [1, 0, NAN]),
        (["true", " False", "1", "2.5", "", None], [1, 0, 1, 2.5, NAN, NAN]),
        (["inf", "-inf", "nan"], [NAN, NAN, NAN]),
        ([None, None], [NAN, NAN]),
        ([dt.date(1970, 1, 3)], [2]),
        ([dt.timedelta(hours=12)], [0.5]),
    ],
)
def test_numbers(values, numbers):
    found = as_numbers(pl.Series("x", values))
    assert found.dtype == np.float64
    assert np.array_equal(found, np.array(numbers), equal_nan=True)


@pytest.mark.parametrize(
    ("values", "truth", "wrong"),
    [
        (["1", "TRUE", "x", " ", "1e3"], True, ["x"]),
        (["1", "true"], False, ["true"]),
        ([True], False, []),
        ([1, 2], True, []),
        ([0.5], True, []),
        ([dt.date(2020, 1, 1)], True, [dt.date(2020, 1, 1)]),
        ([[1]], True, [[1]]),
    ],
)
def test_what_is_no_number(values, truth, wrong):
    assert no_numbers(pl.Series("x", values), truth).to_list() == wrong


def test_cells_of_many_values_are_refused_unless_all_are_empty():
    frame = pl.DataFrame({"x": [[1], None], "y": pl.Series([None, None], dtype=pl.List(pl.Int8))})
    with pytest.raises(
        UserError, match=r"^here: Dates cannot be made of column 'x'.*List\(Int64\)"
    ):
        require_column(frame, "x", "here", "Dates")
    assert require_column(frame, "y", "here", "Dates").name == "y"
