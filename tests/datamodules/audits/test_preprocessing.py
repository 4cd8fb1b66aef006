"""Columns that were scaled or filled with what held-out rows tell too."""

import polars as pl
import pytest

from datamodules.audits.preprocessing import preprocessing


@pytest.mark.parametrize("ddof", [0, 1])
def test_columns_that_were_standardised(looked_at, people, parts, ddof):
    scaled = (pl.col("first", "second") - pl.col("first", "second").mean()) / pl.col(
        "first", "second"
    ).std(ddof=ddof)
    (found,) = preprocessing(looked_at(people.with_columns(scaled.round(6)), parts(400)))
    assert (found.severity, found.columns) == ("warning", ["first", "second"])


def test_gaps_that_were_filled_with_the_mean(looked_at, people, parts):
    gaps = pl.when(pl.int_range(pl.len()) % 9 == 0).then(None).otherwise(pl.col("noise"))
    filled = people.with_columns(noise=gaps).with_columns(
        pl.col("noise").fill_null(strategy="mean")
    )
    (found,) = preprocessing(looked_at(filled, parts(400)))
    assert found.columns == ["noise"]
    assert "mean" in found.note


def test_rows_as_they_were_measured(looked_at, people, parts):
    assert preprocessing(looked_at(people, parts(400))) == []
