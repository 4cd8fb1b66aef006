"""Words for the parts."""

import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.splits.part_names import part_of, parts_named


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("train", 0),
        (" Training ", 0),
        ("DEV", 1),
        ("validation", 1),
        ("held_out", 2),
        ("Held-Out", 2),
        ("tset", None),
        ("", None),
    ],
)
def test_what_people_call_a_part(word, part):
    assert part_of(word) == part


def test_the_parts_of_rows():
    assert parts_named(pl.Series(["fit", "valid", "eval", "fit"]), "here").tolist() == [0, 1, 2, 0]
    words = pl.Series(["train", "test", "train"], dtype=pl.Categorical)
    assert parts_named(words, "here").tolist() == [0, 2, 0]
    assert parts_named(pl.Series([], dtype=pl.String), "here").tolist() == []


@pytest.mark.parametrize(
    ("words", "rows", "said"),
    [
        (["train", "tset"], None, "here is 'tset' in row 2, which is no part of a split."),
        (["train", None], None, "here is missing in row 2, which is no part of a split."),
        (["train", "tset"], [4, 9], "here is 'tset' in row 10"),
        ([1, 0], None, "here is '1' in row 1"),
    ],
)
def test_other_words_are_told(words, rows, said):
    with pytest.raises(UserError) as caught:
        parts_named(pl.Series(words), "here", rows)
    assert str(caught.value).startswith(said)
    assert "test" in str(caught.value)
