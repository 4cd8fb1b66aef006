"""Test rows are known by what they hold."""

from datetime import date

import numpy as np
import polars as pl
import torch

from datamodules.examined import SAMPLE, Examined, contents, examine
from datamodules.fingerprint import fingerprint, image_digests
from datamodules.records import Records

FRAME = pl.DataFrame(
    {
        "n": [3, 1, None, 1],
        "x": [0.5, None, 2.0, 0.5],
        "day": [date(2020, 1, 1), None, date(2021, 1, 1), None],
        "word": ["b", "a", None, "a"],
        "tags": [["p"], ["q", "r"], [], None],
    }
)


def test_order_of_rows_and_columns_does_not_matter():
    told = contents(Records(FRAME, "here"))
    assert contents(Records(FRAME.reverse().select(reversed(FRAME.columns)), "there")) == told
    assert contents(Records(FRAME.with_columns(pl.col("n").cast(pl.Float64)), "there")) == told


def test_a_value_a_name_or_a_row_more_does():
    told = contents(Records(FRAME, "here"))
    others = [
        FRAME.with_columns(x=pl.Series([0.5, None, 2.0, 0.25])),
        FRAME.rename({"n": "m"}),
        FRAME.vstack(FRAME[:1]),
        FRAME.with_columns(tags=pl.Series([["p"], ["q"], [], None])),
    ]
    assert told not in {contents(Records(other, "here")) for other in others}


def test_images_are_known_by_their_pixels_and_not_by_their_names():
    images = torch.arange(24, dtype=torch.uint8).reshape(3, 1, 2, 4)
    frame = pl.DataFrame({"label": ["a", "b", "a"], "path": ["1.png", "2.png", "3.png"]})
    told = contents(Records(frame, "here", images=images, names="path"))
    renamed = frame.with_columns(path=pl.lit("x"))[[2, 0, 1]]
    moved = images[[2, 0, 1]]
    known = Records(renamed, "there", images=moved, digests=image_digests(moved), names="path")
    assert contents(known) == told
    assert contents(Records(frame, "here", images=images.flip(3), names="path")) != told
    labelled = frame.with_columns(label=pl.lit("a"))
    assert contents(Records(labelled, "here", images=images, names="path")) != told


def test_only_rows_that_are_measured_count():
    rows = np.array([1, 3])
    found = examine(Records(FRAME, "here"), rows)
    data, test_set = fingerprint(Records(FRAME, "")), contents(Records(FRAME[[3, 1]], ""))
    assert found == Examined(data, test_set, 2)
    changed = FRAME.with_columns(x=pl.Series([9.0, None, 2.0, 0.5]))
    assert examine(Records(changed, "here"), rows, "known") == Examined("known", found.test_set, 2)


def test_a_sample_is_of_chosen_columns_and_the_same_for_equal_rows():
    frame = pl.DataFrame({"x": range(300), "y": [row % 7 for row in range(300)]})
    rows = np.arange(100, 300)
    first = examine(Records(frame, "here"), rows, "d")
    assert first.columns == ["x", "y"]
    sample = first.sample(["x", "y"])
    assert len(sample) == SAMPLE
    assert sample == sorted(sample)
    moved = frame.reverse().with_columns(z=pl.lit(1))
    second = examine(Records(moved, "there"), np.arange(200), "e")
    assert second.sample(["x", "y"]) == sample
    assert second.sample(second.columns) != sample
    assert second.sample(["gone"]) == []
    assert Examined("d", "t", 3).sample([]) == []
