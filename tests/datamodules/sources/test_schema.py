"""Types that the user gives."""

import datetime
from pathlib import Path

import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.sources.tables import read_table
from datamodules.tabular import TabularDataModule
from tests.datamodules.sources.files import write

DAY = datetime.date(2024, 1, 31)
MOMENT = datetime.datetime(2024, 1, 31, 12, 30, 5)


@pytest.mark.parametrize(
    ("kind", "cells", "values"),
    [
        ("integer", ["007", " -3", "NA"], [7, -3, None]),
        ("number", ["1.5", "1e3", ""], [1.5, 1000.0, None]),
        ("boolean", ["Yes", "0", "false"], [True, False, False]),
        ("category", ["007", "1", "?"], ["007", "1", None]),
        ("text", ["1", "2", "3"], ["1", "2", "3"]),
        ("date", ["2024-01-31", "31/01/2024", "31.01.2024"], [DAY, DAY, DAY]),
        (
            "datetime",
            ["2024-01-31 12:30:05", "2024-01-31T12:30:05Z", "2024-01-31"],
            [MOMENT, MOMENT, datetime.datetime(2024, 1, 31)],
        ),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_every_type_of_every_file(kind, cells, values, suffix):
    frame = pl.DataFrame({"a": cells, "b": [1, 2, 3]})
    write(frame, f"x.{suffix}")
    read = read_table(f"x.{suffix}", schema={"a": kind}).frame
    assert read["a"].to_list() == values
    assert read["b"].dtype == pl.Int64


@pytest.mark.parametrize(
    ("kind", "cell", "told"),
    [
        ("integer", "1.5", "whole numbers"),
        ("integer", "x", "whole numbers"),
        ("number", "1,5", "numbers"),
        ("boolean", "maybe", "true and false"),
        ("date", "2024-02-31", "dates such as"),
        ("datetime", "noon", "dates with times"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(kind, cell, told):
    fits = {"integer": "1", "number": "1", "boolean": "yes", "date": "2024-01-01"}.get(
        kind, "2024-01-01 00:00:00"
    )
    Path("x.csv").write_text(f'a,b\n"{fits}","k\nk"\n"{cell}",m\n')
    with pytest.raises(UserError) as caught:
        read_table("x.csv", schema={"a": kind})
    message = str(caught.value)
    assert message.startswith(
        f"--data.schema.a: row 2 (line 4) of 'x.csv' holds '{cell}', but 'a' should hold {told}"
    )


def test_the_line_of_json_lines_and_the_count_are_told():
    Path("x.jsonl").write_text('{"a": 1}\n\n{"a": "k"}\n{"a": "k"}\n')
    with pytest.raises(UserError, match=r"row 2 \(line 3\).* 2 rows do not fit"):
        read_table("x.jsonl", schema={"a": "integer"})


def test_fractions_of_typed_files_are_not_cut_off():
    pl.DataFrame({"a": [1.0, 2.5]}).write_parquet("x.parquet")
    with pytest.raises(UserError, match=r"row 2 of 'x\.parquet' holds '2\.5'"):
        read_table("x.parquet", schema={"a": "integer"})


def test_lists_fit_no_type():
    pl.DataFrame({"a": [[1], [2]]}).write_parquet("x.parquet")
    with pytest.raises(UserError, match="should hold dates such as"):
        read_table("x.parquet", schema={"a": "date"})


def test_a_decimal_comma_is_one_where_the_file_has_them():
    Path("x.csv").write_text("a;b\n1,5;2\n")
    assert read_table("x.csv", schema={"a": "number"}).frame["a"].to_list() == [1.5]


def test_names_that_are_not_there_get_the_nearest():
    Path("x.csv").write_text("zip\n1\n")
    with pytest.raises(UserError, match=r"--data\.schema\.zp: .* Did you mean 'zip'\?"):
        read_table("x.csv", schema={"zp": "category"})
    with pytest.raises(UserError, match=r"--data\.schema\.zip: .* Did you mean 'category'\?"):
        read_table("x.csv", schema={"zip": "catgory"})  # type: ignore[dict-item]


def test_a_category_of_digits_is_a_category_for_the_model(people):
    data = TabularDataModule(str(people), target="buys", schema={"age": "category"})
    assert "age" in data.spec.columns["categorical"]
    numbers = TabularDataModule(str(people), target="buys")
    assert "age" in numbers.spec.columns["numeric"][0]


def test_a_new_file_needs_no_column_that_only_the_training_had(people):
    data = TabularDataModule(str(people), target="buys", schema={"buys": "category"})
    data.setup("fit")
    pl.read_csv(people).drop("buys").write_csv("new.csv")
    data.source = "new.csv"
    data.setup("predict")


def test_samples_take_types_too():
    frame = read_table("sample:diabetes", schema={"age": "category"}).frame
    assert frame.schema["age"] == pl.String
