"""Numbers as people write them."""

import polars as pl
import pytest

from datamodules.sources.written_numbers import with_written_numbers


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,234.50", "999", "-", None], [1234.5, 999.0, None, None]),
        (["$5.10", "$6", "-$7", "$ 1,000"], [5.1, 6.0, -7.0, 1000.0]),
        (["5 €", "1,25 €"], [5.0, 1.25]),
        (["12%", "3.5 %", "N.A."], [12.0, 3.5, None]),
        (["1 234", "3", "-1 000 000.5"], [1234.0, 3.0, -1000000.5]),
        (["1,25", "3"], [1.25, 3.0]),
    ],
)
def test_numbers_in_dress_are_numbers(cells, numbers):
    frame, notes = with_written_numbers(pl.DataFrame({"a": cells}))
    assert frame["a"].to_list() == numbers
    assert notes[0].startswith(f"'a' holds numbers such as '{cells[0]}'")


def test_a_comma_begins_the_fraction_where_it_does_elsewhere():
    frame, _ = with_written_numbers(pl.DataFrame({"a": ["1.234,5", "1,234"]}), decimal_comma=True)
    assert frame["a"].to_list() == [1234.5, 1.234]


@pytest.mark.parametrize(
    "cells",
    [
        ["1,2", "3", "2,3"],  # several labels in a cell
        ["$5", "€6"],
        ["5%", "0.05"],
        ["1.2.3", "1.2.4"],
        ["0,123", "0,456,789"],
        ["12-34", "5"],
        ["007 555", "008 555"],
    ],
)
def test_what_may_be_something_else_stays(cells):
    frame = pl.DataFrame({"a": cells})
    after, notes = with_written_numbers(frame)
    assert after.equals(frame)
    assert notes == []


def test_a_column_that_is_to_stay_text_stays():
    frame = pl.DataFrame({"a": ["$5", "$6"]})
    after, notes = with_written_numbers(frame, as_text=["a"])
    assert after.equals(frame)
    assert notes == []


def test_a_few_words_among_numbers_are_told():
    frame, notes = with_written_numbers(pl.DataFrame({"a": ["1"] * 20 + ["x"]}))
    assert frame["a"].dtype == pl.String
    assert notes == [
        "'a' is read as words, since 1 of its 21 values are no numbers (first: 'x' in row 21): if "
        "it should hold numbers, mend them or leave them empty."
    ]
