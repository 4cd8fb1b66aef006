"""Which columns say when a row was, and in what order parts lie."""

import numpy as np
import polars as pl
import pytest

from datamodules.audits.clocks import apart, clocks_of, in_order, later

ROWS = 400
DAYS = np.datetime64("2020-01-01") + np.arange(ROWS)


def test_how_often_one_is_later_as_mann_and_whitney_count(rng):
    from scipy.stats import ks_2samp, mannwhitneyu

    first, second = rng.integers(0, 9, 70).astype(float), rng.integers(2, 12, 50).astype(float)
    counted = mannwhitneyu(second, first).statistic / (70 * 50)
    assert later(first, second) == pytest.approx(counted)
    assert apart(first, second) == pytest.approx(ks_2samp(first, second).statistic)


@pytest.mark.parametrize(
    ("column", "dated"),
    [
        (pl.Series("seen", DAYS), True),
        (pl.Series("written", [str(day) for day in DAYS]), True),
        (pl.Series("timestamp", np.arange(ROWS) + 10**9), True),
        (pl.Series("year", 1900 + np.arange(ROWS) % 100), False),
        (pl.Series("day", np.arange(ROWS)), False),
    ],
)
def test_columns_of_time(looked_at, people, parts, column, dated):
    (clock,) = clocks_of(looked_at(people.with_columns(column), parts(ROWS)))
    assert (clock.name, clock.dated, clock.declared) == (column.name, dated, False)
    assert len(clock.times) == ROWS


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("year", np.arange(ROWS) % 40),
        pl.Series("month", np.arange(ROWS) % 12),
        pl.Series("amount", np.arange(ROWS)),
    ],
)
def test_numbers_that_are_none(looked_at, people, parts, column):
    assert clocks_of(looked_at(people.with_columns(column), parts(ROWS))) == []


def test_parts_in_order(looked_at, people):
    dated = people.with_columns(seen=pl.Series(DAYS))
    part = np.select([np.arange(ROWS) < 280, np.arange(ROWS) < 340], [0, 1], 2)
    ordered = looked_at(dated, part)
    assert in_order(ordered, clocks_of(ordered)[0])
    part[5] = 2
    other = looked_at(dated, part)
    assert not in_order(other, clocks_of(other)[0])
