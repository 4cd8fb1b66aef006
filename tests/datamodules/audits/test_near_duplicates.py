"""Held-out rows that are all but copies: each counts once, and coarse rows mean little."""

import numpy as np
import polars as pl

from datamodules.audits.near_duplicates import near_duplicates
from datamodules.text import TextDataModule

WORDS = [f"word{place}" for place in range(300)]


def texts_of(rng: np.random.Generator, rows: int, words: int) -> pl.DataFrame:
    drawn = [" ".join(rng.choice(WORDS, words)) for _ in range(rows)]
    return pl.DataFrame({"text": drawn, "y": rng.choice(["good", "bad"], rows)})


def altered(frame: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return the first rows with another first word."""
    rest = pl.col("text").str.replace(r"^\w+", "another")
    return frame[:count].with_columns(text=rest)


def test_texts_with_another_word(looked_at, rng):
    frame = texts_of(rng, 100, 25)
    part = np.where(np.arange(112) < 80, 0, 2)
    both = pl.concat([frame, altered(frame, 12)])
    (found,) = near_duplicates(looked_at(both, part, TextDataModule))
    assert (found.severity, found.rows) == ("high", list(range(100, 112)))
    assert (found.examples[0].part, found.examples[0].other_part) == ("test", "train")
    assert near_duplicates(looked_at(frame, part[:100], TextDataModule)) == []


def test_a_row_that_was_altered_twice_counts_twice_and_short_texts_less(looked_at, rng):
    frame = texts_of(rng, 100, 7)
    twice = pl.concat([altered(frame, 6), altered(frame, 6).with_columns(pl.col("text") + " more")])
    part = np.where(np.arange(112) < 100, 0, 2)
    (found,) = near_duplicates(looked_at(pl.concat([frame, twice]), part, TextDataModule))
    assert found.severity == "warning"
    assert found.count == len(set(found.rows)) == 12


def test_rows_that_were_rounded(looked_at, rng):
    rows = 300
    numbers = {f"x{place}": rng.normal(size=rows).round(5) for place in range(6)}
    frame = pl.DataFrame({**numbers, "y": rng.choice(["yes", "no"], rows)})
    rounded = frame[:15].with_columns(pl.selectors.float().round(2))
    part = np.where(np.arange(rows + 15) < 250, 0, 2)
    (found,) = near_duplicates(looked_at(pl.concat([frame, rounded]), part))
    assert (found.severity, found.rows) == ("warning", list(range(rows, rows + 15)))


def test_rows_without_a_part_are_passed_over(looked_at, rng):
    frame = texts_of(rng, 100, 25)
    both = pl.concat([frame, altered(frame, 12)])
    part = np.where(np.arange(112) < 80, 0, 2)
    part[:6] = 9
    (found,) = near_duplicates(looked_at(both, part, TextDataModule))
    assert found.rows == list(range(106, 112))
