"""Columns that tell nothing of their own."""

import polars as pl

from datamodules.audits.columns import constant, duplicate_columns


def test_a_constant_is_one_in_training_rows(looked_at, people, parts):
    part = parts(400)
    rows = people.with_columns(unit=pl.lit("mm"), late=pl.Series((part == 2).astype(int)))
    (found,) = constant(looked_at(rows, part))
    assert (found.columns, found.severity, found.count) == (["unit", "late"], "info", 2)
    assert constant(looked_at(people, part)) == []


def test_a_column_that_stands_there_again(looked_at, people, parts):
    again = people.with_columns(other=pl.col("first"), town=pl.col("city"))
    (found,) = duplicate_columns(looked_at(again, parts(400)))
    assert found.columns == ["other", "town"]
    assert "'other' is 'first' again" in found.note
    assert duplicate_columns(looked_at(people, parts(400))) == []
