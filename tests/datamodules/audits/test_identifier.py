"""Columns that name rows."""

import polars as pl

from datamodules.audits.identifier import identifier


def test_one_that_a_model_is_given_is_a_warning(looked_at, people, parts, rng):
    given = people.with_columns(pl.Series("account_id", rng.permutation(400) + 7000))
    (found,) = identifier(looked_at(given, parts(400)))
    assert (found.severity, found.columns) == ("warning", ["account_id"])
    left_out = people.with_columns(pl.Series("code", [f"c{row:05d}" for row in range(400)]))
    (found,) = identifier(looked_at(left_out, parts(400)))
    assert found.severity == "info"
    assert found.advice == "data.leave_out: [code]"
    assert identifier(looked_at(people, parts(400))) == []
