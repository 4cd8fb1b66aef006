"""Parts that a classifier can tell apart."""

import numpy as np
import polars as pl
import torch

from datamodules.audits.finding import Finding
from datamodules.audits.shift import _compared, shift
from datamodules.image import ImageDataModule
from datamodules.records import Records


def test_parts_dealt_by_chance_are_alike(looked_at, people, parts):
    assert shift(looked_at(people, parts(400))) == []


def test_rows_of_another_place_are_told_apart_by_what_differs(looked_at, people):
    part = np.where(np.arange(400) < 280, 0, 2)
    other = people.with_columns(first=pl.col("first") + 3 * pl.Series(part == 2).cast(pl.Float64))
    (found,) = shift(looked_at(other, part))
    assert (found.severity, found.columns, found.count) == ("high", ["first"], 120)
    assert found.examples[0].part == "test"
    (found,) = shift(looked_at(other, part, time="noise"))
    assert found.severity != "high"


def test_rows_of_a_group_count_as_one(looked_at, people, rng):
    groups = np.arange(400) // 8
    part = rng.choice(3, 50, p=[0.7, 0.15, 0.15])[groups]
    constant = pl.Series("height", rng.normal(size=50)[groups])
    rows = people.with_columns(constant, pl.Series("patient", groups))
    assert shift(looked_at(rows, part)) == []


def test_how_often_a_group_was_drawn_tells_nothing(looked_at, people, rng, monkeypatch):
    monkeypatch.setattr("datamodules.audits.shift.ROWS", 80)
    groups = np.arange(400) // 4
    part = rng.choice([0, 2], 100, p=[0.8, 0.2])[groups]
    named = people.with_columns(pl.Series("holder", [f"H{group:04d}" for group in groups]))
    audited = looked_at(named, part)
    assert "holder" in audited.seen
    assert shift(audited) == []
    assert "holder" not in _compared(audited)


def test_images_of_another_camera(looked_at, rng):
    images = rng.integers(0, 200, (160, 1, 8, 8), dtype=np.uint8)
    part = np.where(np.arange(160) < 100, 0, 2)
    frame = pl.DataFrame({"y": rng.choice(["cat", "dog"], 160)})

    def found(pixels: np.ndarray) -> list[Finding]:
        records = Records(frame, "rows", target="y", images=torch.from_numpy(pixels))
        return shift(looked_at(records, part, ImageDataModule))

    assert found(images) == []
    images[100:] += 50
    assert found(images)[0].severity == "high"
