"""Rows that are all but copies, whatever they are."""

import numpy as np
import polars as pl
import pytest
import torch

from datamodules.near_duplicates import finder
from datamodules.near_duplicates.finder import near_duplicates
from datamodules.records import Records

RANDOM = np.random.default_rng(0)


def test_of_a_table_the_inputs_alone_count():
    frame = pl.DataFrame(
        {"x": RANDOM.normal(size=200), "y": RANDOM.normal(size=200), "id": range(200)}
    )
    copies = frame[:5].with_columns(pl.col("x", "y").round(2), id=pl.col("id") + 900)
    found = near_duplicates(Records(pl.concat([frame, copies]), "a.csv"), ["x", "y"])
    assert sorted(found.pairs.second.tolist()) == [200, 201, 202, 203, 204]
    assert (np.bincount(found.clusters(), minlength=5)[:5] == 2).all()
    assert found.note == ""


def test_a_table_of_words_has_no_near_duplicates_and_says_so():
    frame = pl.DataFrame({"a": ["x", "y", "x"], "b": [[1], [2], [1]]})
    found = near_duplicates(Records(frame, "a.json"), ["a", "b"])
    assert len(found.pairs) == 0
    assert "no numbers" in found.note
    assert found.clusters().tolist() == [0, 1, 0]


def test_texts_by_their_column():
    texts = ["one two three four five six", "One two three; four five six", "none of these at all"]
    records = Records(pl.DataFrame({"t": texts, "other": [1, 2, 3]}), "a.csv")
    found = near_duplicates(records, ["other"], "t", np.array([0, 1, 0]))
    assert found.clusters().tolist() == [0, 0, 2]


def test_images_by_their_pixels():
    images = torch.randint(0, 256, (20, 1, 28, 28), dtype=torch.uint8)
    images = torch.cat([images, images[:1]])
    brighter = (images[1:2].float() * 0.95).round().byte()
    frame = pl.DataFrame({"label": ["a"] * 22})
    found = near_duplicates(Records(frame, "d", images=torch.cat([images, brighter])), [])
    assert found.clusters().tolist() == [*range(20), 0, 1]


def test_rows_that_meet_by_chance_are_counted_in_the_note(monkeypatch):
    random = np.random.default_rng(1)
    frame = pl.DataFrame({"age": random.normal(size=900).round(1), "dose": np.arange(900) / 100})
    found = near_duplicates(Records(frame, "a.csv"), ["age", "dose"])
    assert len(found.pairs) == 0
    assert f"{found.pairs.untold} further pairs" in found.note
    monkeypatch.setattr(finder, "SOME", 10**6)
    assert near_duplicates(Records(frame, "a.csv"), ["age", "dose"]).note == ""
    monkeypatch.setattr(finder, "MOST_ROWS", 800)
    note = near_duplicates(Records(frame, "a.csv"), ["age", "dose"]).note
    assert "up to 800 rows, and this table has 900" in note


def grouped(clusters: np.ndarray) -> list[frozenset[int]]:
    return [frozenset(np.flatnonzero(clusters == first).tolist()) for first in np.unique(clusters)]


@pytest.mark.parametrize("kind", ["table", "text", "images"])
def test_the_order_of_rows_changes_nothing(kind):
    random = np.random.default_rng(1)
    words = [f"word{number}" for number in range(300)]
    texts = [" ".join(random.choice(words, 12)) for _ in range(100)]
    frame = pl.DataFrame({"x": random.normal(size=100), "y": random.normal(size=100), "t": texts})
    again = frame[:20].with_columns(pl.col("x", "y").round(1), pl.col("t") + " and more")
    coarse = torch.rand(100, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    images = 255 * torch.nn.functional.interpolate(coarse, (20, 20), mode="bilinear")
    images = torch.cat([images, 0.95 * images[:20], images[:10]]).round().byte()
    records = Records(
        pl.concat([frame, again, frame[:10]]), "a", images=images if kind == "images" else None
    )
    inputs, text = ["x", "y"], "t" if kind == "text" else None
    before = grouped(near_duplicates(records, inputs, text).clusters())
    moved = random.permutation(130)
    after = grouped(near_duplicates(records.take(moved), inputs, text).clusters())
    assert {frozenset(moved[list(rows)].tolist()) for rows in after} == set(before)
    assert sorted(map(len, before)) == [1] * 80 + [2] * 10 + [3] * 10
