"""Which rows are copies, and what is told of them."""

import numpy as np
import polars as pl
import pytest

from datamodules.records import Records
from datamodules.row_hashes import row_hashes
from datamodules.splits.copies import Copies, find_copies


def found(frame: pl.DataFrame, inputs: list[str]) -> Copies:
    records = Records(frame, "here")
    return find_copies(records, np.arange(len(frame)), inputs, row_hashes(records, inputs))


def test_rows_with_equal_inputs_are_copies_whatever_their_target():
    frame = pl.DataFrame({"x": [*range(30), 3, 3], "y": ["a", "b"] * 16})
    copies = found(frame, ["x"])
    assert copies.exact == 2
    assert copies.together[3] == copies.together[30] == copies.together[31]
    assert len(set(copies.together.tolist())) == 30
    told = copies.as_plain()
    assert (told["merged_clusters"], told["merged_rows"]) == (1, 3)


def test_rows_of_a_coarse_table_are_none():
    chance = np.random.default_rng(0)
    frame = pl.DataFrame({name: chance.integers(0, 3, 400) for name in "ab"})
    copies = found(frame, ["a", "b"])
    assert copies.by_nature
    assert len(set(copies.together.tolist())) == 400
    assert (
        "are no copies: the split may part them" in copies.notes(np.zeros(400, dtype=np.int16))[0]
    )


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([0, 0, -1, 2, 1], "2 rows are kept in one part with an earlier one"),
        ([0, 2, 0, 0, 1], "2 rows have the inputs of a row in another part"),
        ([0, 2, 0, 1, 1], "4 rows have the inputs of a row in another part"),
    ],
)
def test_copies_that_a_split_parts_are_told(parts, said):
    copies = Copies(np.array([0, 0, 1, 1, 2]), exact=2, by_nature=False)
    (note,) = copies.notes(np.array(parts, dtype=np.int16))
    assert note.startswith(said)


def test_near_duplicates_are_told():
    copies = Copies(np.array([0, 0, 1]), exact=0, by_nature=False, near=1)
    assert copies.notes(np.zeros(3, dtype=np.int16)) == [
        "1 near-duplicates are kept in one part with what they resemble"
    ]
