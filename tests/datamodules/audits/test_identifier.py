"""Columns that name rows, and columns that happen to differ."""

import numpy as np
import polars as pl
import pytest

from datamodules.audits.identifier import identifier, names_rows

ROWS = 600


def column(kind: str, rng: np.random.Generator) -> pl.Series:
    return {
        "counts": lambda: pl.Series("reference", rng.permutation(ROWS) + 5000),
        "drawn": lambda: pl.Series("number", rng.choice(10**6, ROWS, replace=False) + 1),
        "called": lambda: pl.Series("customer_id", np.cumsum(rng.geometric(0.01, ROWS))),
        "hex": lambda: pl.Series("token", [f"{x:08x}" for x in rng.integers(0, 2**31, ROWS)]),
        "whole fractions": lambda: pl.Series("id", np.arange(ROWS) * 1.0),
        "amounts": lambda: pl.Series("paid", (np.exp(rng.normal(size=ROWS)) * 1e6).astype(int)),
        "measures": lambda: pl.Series("height", rng.normal(size=ROWS)),
        "titles": lambda: pl.Series("title", [f"the story of word {x}" for x in range(ROWS)]),
        "days": lambda: pl.Series("day", np.datetime64("2020-01-01") + np.arange(ROWS)),
        "years": lambda: pl.Series("year", np.arange(ROWS) + 1400),
        "repeated": lambda: pl.Series("patient_id", np.arange(ROWS) // 3),
    }[kind]()


@pytest.mark.parametrize("kind", ["counts", "drawn", "called", "hex", "whole fractions"])
def test_names(rng, kind):
    assert names_rows(column(kind, rng))


@pytest.mark.parametrize("kind", ["amounts", "measures", "titles", "days", "years", "repeated"])
def test_what_is_none(rng, kind):
    assert not names_rows(column(kind, rng))


def test_one_that_a_model_is_given_is_a_warning(looked_at, people, parts, rng):
    given = people.with_columns(pl.Series("account_id", rng.permutation(400) + 7000))
    (found,) = identifier(looked_at(given, parts(400)))
    assert (found.severity, found.columns) == ("warning", ["account_id"])
    left_out = people.with_columns(pl.Series("code", [f"c{row:05d}" for row in range(400)]))
    (found,) = identifier(looked_at(left_out, parts(400)))
    assert found.severity == "info"
    assert found.advice == "data.leave_out: [code]"
    assert identifier(looked_at(people, parts(400))) == []
