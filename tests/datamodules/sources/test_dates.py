"""Text as dates, beside what polars itself reads."""

import datetime

import polars as pl
import pytest

from datamodules.sources.dates import to_dates, to_datetimes, with_dates

WRITTEN = [
    "2024-01-02", "2024/01/02", "2024.01.02", "2024-1-2", "02/01/2024", "02.01.2024", "02-01-2024",
    "13/1/2024", "2024-01-02 03:04", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123+02:00",
    "2024-01-02 03:04:05.5", "02/01/2024 03:04", "02.01.2024 03:04:05", "12:30", "12:30:01.5",
    "9:30", "20240102", "2024-01", "10.0.0.1", "word", "2024-02-31",
]  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
def test_the_same_as_polars_reads_of_a_file(written):
    content = f"a,b\n{written},1\n,\n{written},2\n".encode()
    expected = pl.read_csv(content, try_parse_dates=True, infer_schema_length=None)["a"]
    plain = pl.read_csv(content, infer_schema_length=None)
    read = with_dates(plain)["a"]
    if isinstance(expected.dtype, pl.Datetime):
        expected = expected.dt.replace_time_zone(None)
    assert read.dtype == expected.dtype
    assert read.to_list() == expected.to_list()


def test_a_column_of_several_ways_of_writing_stays_text():
    frame = pl.DataFrame({"a": ["2024-01-02", "02/01/2024"], "b": ["2024-01-02", "x"]})
    assert with_dates(frame).equals(frame)
    assert with_dates(pl.DataFrame({"a": ["2024-01-02"]}), ["a"])["a"].dtype == pl.String


def test_a_year_of_two_digits_is_not_told_from_a_day():
    for written in ("01/02/24", "1.2.3"):
        assert with_dates(pl.DataFrame({"a": [written]}))["a"].dtype == pl.String


def test_cells_each_in_their_own_way_where_the_user_says_so():
    day = datetime.date(2024, 1, 2)
    assert to_dates(pl.Series(["2024-01-02", "2.1.2024", None, "x"])).to_list() == [
        day,
        day,
        None,
        None,
    ]
    moment = datetime.datetime(2024, 1, 2, 3, 4, 5)
    written = ["2024-01-02 03:04:05,000", "02/Jan/2024:04:04:05 +0100", "2024-01-02T03:04:05Z", "x"]
    assert to_datetimes(pl.Series(written)).to_list() == [moment, moment, moment, None]


@pytest.mark.parametrize(
    "written",
    [
        "Jan 2 2024",
        "Jan 02, 2024",
        "January 2, 2024",
        "2 Jan 2024",
        "02-JAN-2024",
        "2 january 2024",
    ],
)
def test_a_month_may_be_named(written):
    read = with_dates(pl.DataFrame({"a": [written, None]}))["a"]
    assert read.to_list() == [datetime.date(2024, 1, 2), None]
    assert to_dates(pl.Series([written])).to_list() == [datetime.date(2024, 1, 2)]


@pytest.mark.parametrize(
    "written", ["May 2024", "Jan 32 2024", "Mayor 2 2024", "2 Jan", "Jan 2 24"]
)
def test_what_only_looks_like_a_named_month_stays_text(written):
    assert with_dates(pl.DataFrame({"a": [written]}))["a"].dtype == pl.String
