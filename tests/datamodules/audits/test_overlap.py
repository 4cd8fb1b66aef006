"""Copies in two parts: all found, none invented."""

import time

import numpy as np
import polars as pl
import pytest
import torch

from datamodules.audits.overlap import overlap
from datamodules.image import ImageDataModule
from datamodules.records import Records
from datamodules.text import TextDataModule


def planted(frame: pl.DataFrame, part: np.ndarray, count: int) -> tuple[pl.DataFrame, np.ndarray]:
    copies = pl.concat([frame, frame[np.flatnonzero(part == 0)[:count]]])
    return copies, np.append(part, np.full(count, 2))


def test_rows_of_a_table_that_stand_in_two_parts(looked_at, people, parts):
    part = parts(400)
    assert overlap(looked_at(people, part)) == []
    copies, split = planted(people, part, 20)
    (found,) = overlap(looked_at(copies, split))
    assert (found.severity, found.count) == ("high", 20)
    assert found.rows == list(range(400, 420))
    example = found.examples[0]
    assert (example.part, example.other_part) == ("test", "train")
    assert people.row(example.other) == copies.row(example.row)


def test_few_copies_are_a_warning(looked_at, people, parts):
    copies, split = planted(people, parts(400), 2)
    (found,) = overlap(looked_at(copies, split))
    assert (found.severity, found.count) == ("warning", 2)


def test_equal_inputs_of_another_target_are_no_copies(looked_at, people, parts):
    copies, split = planted(people, parts(400), 20)
    other = pl.when(pl.col("y") == "yes").then(pl.lit("no")).otherwise(pl.lit("yes"))
    turned = pl.concat([people, copies[400:].with_columns(y=other)])
    assert overlap(looked_at(turned, split)) == []


def test_copies_within_a_part_are_not_told(looked_at, people, parts):
    part = parts(400)
    copies, _ = planted(people, part, 20)
    assert overlap(looked_at(copies, np.append(part, np.zeros(20, dtype=int)))) == []


def test_rows_of_few_values_are_equal_by_their_nature(looked_at, rng, parts):
    few = pl.DataFrame({name: rng.choice(["a", "b"], 500) for name in "uvw"})
    frame = few.with_columns(y=pl.Series(rng.choice(["yes", "no"], 500)))
    (found,) = overlap(looked_at(frame, parts(500)))
    assert found.severity == "info"
    assert found.advice.startswith("nothing")


@pytest.mark.parametrize("rows", [10_000])
def test_ten_thousand_rows_take_half_a_second_and_none_is_invented(looked_at, rng, rows):
    numbers = {f"x{place}": rng.normal(size=rows) for place in range(10)}
    frame = pl.DataFrame({**numbers, "y": rng.choice(["yes", "no"], rows)})
    part = rng.choice(3, rows, p=[0.7, 0.15, 0.15])
    copies, split = planted(frame, part, 100)
    audited = looked_at(copies, split)
    begun = time.process_time()
    (found,) = overlap(audited)
    assert time.process_time() - begun < 0.5
    assert found.rows == list(range(rows, rows + 100))


def test_images_and_texts(looked_at, rng, parts):
    images = torch.from_numpy(rng.integers(0, 256, (60, 1, 8, 8), dtype=np.uint8))
    images[59] = images[0]
    frame = pl.DataFrame({"y": rng.choice(["cat", "dog"], 60)})
    part = np.where(np.arange(60) < 45, 0, 2)
    records = Records(frame, "rows", target="y", images=images)
    (found,) = overlap(looked_at(records, part, ImageDataModule))
    assert (found.rows, found.examples[0].other) == ([59], 0)
    words = rng.choice(list("abcdefghijklmnop"), (60, 12))
    texts = [" ".join(row) for row in words]
    texts[59] = texts[0]
    frame = frame.with_columns(text=pl.Series(texts))
    (found,) = overlap(looked_at(frame, part, TextDataModule))
    assert found.rows == [59]
