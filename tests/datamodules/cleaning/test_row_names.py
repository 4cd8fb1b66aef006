"""Columns that only name rows, and columns that happen to differ."""

import numpy as np
import polars as pl
import pytest

from datamodules.cleaning.row_names import names_rows

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
        "days in words": lambda: pl.Series(
            "written", [str(np.datetime64("2020-01-01") + day) for day in range(ROWS)]
        ),
        "years": lambda: pl.Series("year", np.arange(ROWS) + 1400),
        "repeated": lambda: pl.Series("patient_id", np.arange(ROWS) // 3),
    }[kind]()


@pytest.mark.parametrize("kind", ["counts", "drawn", "called", "hex", "whole fractions"])
def test_names(kind):
    assert names_rows(column(kind, np.random.default_rng(0)))


@pytest.mark.parametrize(
    "kind", ["amounts", "measures", "titles", "days", "days in words", "years", "repeated"]
)
def test_what_is_none(kind):
    assert not names_rows(column(kind, np.random.default_rng(0)))
