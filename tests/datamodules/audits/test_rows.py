"""Rows that a model is not given, or not the whole of."""

import numpy as np
import polars as pl

from datamodules.audits.rows import long_text, unusable_rows
from datamodules.text import TextDataModule


def test_rows_without_a_target(looked_at, people, parts):
    gap = pl.when(pl.int_range(pl.len()) < 8).then(None).otherwise(pl.col("y"))
    (found,) = unusable_rows(looked_at(people.with_columns(y=gap), parts(400)))
    assert (found.severity, found.rows) == ("info", list(range(8)))
    assert "'y'" in found.note
    many = pl.when(pl.int_range(pl.len()) < 80).then(None).otherwise(pl.col("y"))
    (found,) = unusable_rows(looked_at(people.with_columns(y=many), parts(400)))
    assert found.severity == "warning"
    assert unusable_rows(looked_at(people, parts(400))) == []


def test_texts_of_which_the_end_is_cut_off(looked_at, rng):
    texts = [
        " ".join(rng.choice(["red", "blue", "green"], 4 + 60 * (row < 3))) for row in range(80)
    ]
    frame = pl.DataFrame({"text": texts, "y": ["good", "bad"] * 40})
    part = np.zeros(80, dtype=int)
    (found,) = long_text(looked_at(frame, part, TextDataModule, max_tokens=32))
    assert (found.severity, found.count) == ("info", 3)
    assert found.advice == "data.max_tokens: 64"
    assert [example.row for example in found.examples] == [0, 1, 2] or {
        example.row for example in found.examples
    } == {0, 1, 2}
    assert long_text(looked_at(frame, part, TextDataModule)) == []
