"""Dates and times of day from types and from text."""

import datetime as dt

import polars as pl
import pytest

from datamodules.features.moments import DATES, TIMES, as_moments, days, moment_kind

NOON = dt.datetime(2020, 1, 2, 12)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-01-02", dt.datetime(2020, 1, 2)),
        ("2020-01-02 12:00", NOON),
        ("2020-01-02T12:00:00", NOON),
        (" 2020-01-02 12:00:00.250 ", NOON.replace(microsecond=250_000)),
        ("2020-01-02T12:00:00Z", NOON),
        ("2020-01-02T14:00:00+02:00", NOON),
        ("2020-01-02T06:30:00-0530", NOON),
        ("2020-02-30", None),
        ("02.01.2020", None),
        ("soon", None),
        (None, None),
    ],
)
def test_text_in_the_form_of_iso_8601(text, moment):
    assert as_moments(pl.Series([text], dtype=pl.String), DATES).to_list() == [moment]


@pytest.mark.parametrize(
    ("text", "time"),
    [("08:30", dt.time(8, 30)), ("08:30:01.5", dt.time(8, 30, 1, 500_000)), ("25:00", None)],
)
def test_times_of_day(text, time):
    assert as_moments(pl.Series([text]), TIMES).to_list() == [time]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([NOON, None], DATES),
        ([NOON.date()], DATES),
        ([dt.time(1)], TIMES),
        (["2020-01-02", None, "2020-01-03 10:00"], DATES),
        (["08:30", "09:00"], TIMES),
        (["2020-01-02", "08:30"], None),
        (["2020-01-02"] * 30 + ["soon"], None),
        (["2020"], None),
        ([2020], None),
        ([None], None),
        ([dt.timedelta(1)], None),
    ],
)
def test_kinds(values, kind):
    assert moment_kind(pl.Series(values)) == kind


def test_hours_are_those_of_the_columns_clocks_and_days_those_of_the_world():
    tokyo = pl.Series([NOON]).dt.replace_time_zone("Asia/Tokyo")
    moments = as_moments(tokyo, DATES)
    assert moments.dt.hour().to_list() == [12]
    assert days(moments).to_list() == pytest.approx([18_263 + 3 / 24])
    assert days(as_moments(pl.Series([dt.time(6)]), TIMES)).to_list() == [0.25]


@pytest.mark.parametrize("values", [[1.5, None], [[1], None]])
def test_what_is_neither_is_missing(values):
    assert as_moments(pl.Series(values), DATES).null_count() == 2
    assert as_moments(pl.Series(values), TIMES).null_count() == 2
