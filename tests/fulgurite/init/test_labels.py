"""Whether the cells of a target hold several labels."""

import polars as pl
import pytest

from fulgurite.init.labels import separator_of


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["art|food", "food", "golf", "art|golf", "food|golf|art"] * 10, "|"),
        (["red; blue", "blue", "green", "red; green"] * 10, ";"),
        (["yes", "no"] * 10, None),
        (["a sentence, with a comma", "another one, as long", "and, well, a third"], None),
        (["Smith, J", "Jones, A", "Brown, B"], None),
        ([1, 2, 3], None),
        ([None, None], None),
    ],
)
def test_labels_come_again_and_parts_of_sentences_do_not(cells, separator):
    dtype = pl.String if cells[0] is None else None
    assert separator_of(pl.Series("y", cells, dtype=dtype)) == separator
