"""To which digits numbers are rounded."""

import numpy as np
import polars as pl

from datamodules.near_duplicates.digits import NumberColumns

FRAME = pl.DataFrame({"x": [41.0, 40.0, 1889.5, 1900.0, 40.0], "y": [1.0, 1.0, 2.0, 2.0, None]})
NUMBERS = NumberColumns.of(FRAME)


def test_the_finest_unit_that_brings_two_numbers_together():
    units = NUMBERS.units(np.array([[0, 1], [2, 3]]))
    assert units.tolist() == [[10.0, 0.0], [100.0, 0.0]]


def test_which_rows_are_round():
    units = np.array([[10.0, 0.0], [10.0, 0.0]])
    assert NUMBERS.whole(np.array([0, 1]), units).tolist() == [False, True]


def test_how_often_numbers_are_round():
    assert NUMBERS.roundness(np.array([[10.0, 0.0], [0.0, 0.0]])).tolist() == [3 / 5, 1.0]


def test_a_number_kept_in_32_bits_is_the_same():
    wide = pl.Series([0.123456789, 1e6 / 3])
    narrow = wide.cast(pl.Float32)
    both = NumberColumns.of(pl.DataFrame({"x": pl.concat([wide, narrow.cast(pl.Float64)])}))
    assert not both.units(np.array([[0, 2], [1, 3]])).any()
    assert NumberColumns.of(narrow.to_frame("x")).values[0, 0] == 0.1234568


def test_changes_that_are_equal_count_once():
    sums = NumberColumns.of(
        pl.DataFrame({"fee": [20.3, 20.35], "total": [20.3, 20.35], "z": [1.0, 2.0]})
    )
    assert sums.repeated(np.array([[0, 1]])).tolist() == [[False, True, False]]


def test_the_fewer_rows_are_near_the_more_it_surprises():
    near = NUMBERS.surprise(np.array([1, 2]), np.array([[10.0, np.inf], [10.0, np.inf]]))
    assert np.allclose(near, [np.log(5 / 3), np.log(5)])
