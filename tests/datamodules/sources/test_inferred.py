"""Types beside those of polars' own inference over all rows."""

import time
from pathlib import Path

import polars as pl
import pytest

from datamodules.sources import inferred
from datamodules.sources.inferred import read_inferred
from datamodules.sources.missing import MARKS

PATH = Path("rows.csv")
LAST = {
    "1": ["2", "1.5", "x", "", "99999999999999999999", "-", "1e3", "true", "2020-01-02"],
    "1.5": ["2", "x", "inf", "NA"],
    "true": ["false", "x"],
    "x": ["2020-01-02", "1", "", "?"],
    "2020-01-02": ["2020-01-03", "2020-02-31", "x", "2020-01-02T03:04:05", "3"],
    "2020-01-02T03:04:05": ["2021-01-02T03:04:05", "x"],
    "01/02/2020": ["13/02/2020", "02/13/2020"],
    "10:11:12": ["13:11:12", "x"],
    "": ["3", "x", "2020-01-02", "true"],
}
"""Cells of the last row, by what stands in all rows before it."""


def written(*columns: list[str]) -> None:
    names = ",".join(f"column {i}" for i in range(len(columns)))
    PATH.write_text("\n".join([names, *map(",".join, zip(*columns, strict=True))]) + "\n")


def by_polars() -> pl.DataFrame:
    return pl.read_csv(PATH, null_values=MARKS, try_parse_dates=True, infer_schema_length=None)


@pytest.mark.parametrize(("many", "last"), [(m, last) for m, all_ in LAST.items() for last in all_])
def test_a_last_row_counts_as_much_as_the_first(many, last, monkeypatch):
    monkeypatch.setattr(inferred, "FIRST", 10)
    written([many] * 30 + [last], ["1"] * 31)
    assert read_inferred(PATH, ",").equals(by_polars())


def test_a_later_column_may_be_what_the_first_rows_did_not_tell(monkeypatch):
    monkeypatch.setattr(inferred, "FIRST", 10)
    written(["x"] * 31, [""] * 30 + ["1"], ["2020-01-02"] * 31, ["1"] * 30 + ["1.5"])
    frame = read_inferred(PATH, ",")
    assert frame.equals(by_polars())
    assert frame.dtypes == [pl.String, pl.Int64, pl.Date, pl.Float64]


def test_a_file_as_long_as_what_tells_its_types(monkeypatch):
    monkeypatch.setattr(inferred, "FIRST", 10)
    for rows in (9, 10, 11):
        written(["1"] * rows)
        assert len(read_inferred(PATH, ",")) == rows


def test_text_is_not_searched_for_dates_row_by_row():
    written(["some words"] * 60_000)
    begun = time.perf_counter()
    read_inferred(PATH, ",")
    quick = time.perf_counter() - begun
    begun = time.perf_counter()
    by_polars()
    assert quick < (time.perf_counter() - begun) / 2
