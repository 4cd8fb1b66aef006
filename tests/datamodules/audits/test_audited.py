"""Rows with their split, as audits look at them."""

import numpy as np
import polars as pl

from datamodules.text import TextDataModule


def test_parts_and_columns(looked_at, people):
    part = np.arange(400) % 3
    part[0] = 9
    audited = looked_at(people, part, leave_out=["noise"], group="city")
    assert audited.part.tolist()[:5] == [-1, 1, 2, 0, 1]
    assert (audited.part_of(0), audited.part_of(2)) == (None, "test")
    assert audited.inputs == ["first", "second"]
    assert (audited.group, audited.time, audited.is_table) == ("city", None, True)
    assert len(audited.labels) == (part == 0).sum()


def test_an_example_holds_what_stands_there(looked_at, people):
    example = looked_at(people, np.arange(400) % 3).example(4, "city", other=3)
    assert (example.value, example.part, example.other_part) == (people["city"][4], "val", "train")


def test_a_sample_is_drawn_alike_each_time(looked_at, people):
    audited = looked_at(people, np.zeros(400, dtype=int))
    assert np.array_equal(audited.sample(50), audited.sample(50))
    assert np.all(np.diff(audited.sample(50)) > 0)
    assert len(audited.sample(1000)) == 400


def test_of_texts_the_text_is_seen(looked_at):
    frame = pl.DataFrame({"text": ["a few words", "some more"] * 20, "n": 1, "y": ["u", "v"] * 20})
    audited = looked_at(frame, np.arange(40) % 3, TextDataModule)
    assert (audited.text, audited.seen, audited.is_table) == ("text", ["text"], False)
