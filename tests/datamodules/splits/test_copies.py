"""Which rows are copies."""

import numpy as np
import polars as pl
import pytest

from datamodules.records import Records
from datamodules.row_hashes import row_hashes
from datamodules.splits.copies import MOST, Copies, find_copies


def found(frame: pl.DataFrame, *, rows=None, near: bool = False) -> Copies:
    records = Records(frame, "here")
    rows = np.arange(len(frame)) if rows is None else rows
    hashes = row_hashes(records)[rows]
    return find_copies(records, rows, frame.columns, hashes, near=near)


def told(copies: Copies) -> list[str]:
    return copies.notes(np.zeros(len(copies.together), dtype=np.int16))


def numbers(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 4)).round(5)


def test_equal_rows_are_copies():
    values = numbers(60)
    values[[20, 30]] = values[10]
    copies = found(pl.DataFrame(values))
    assert (copies.exact, copies.by_nature, copies.near) == (2, False, None)
    assert len(set(copies.together.tolist())) == 58
    assert len(set(copies.together[[10, 20, 30]].tolist())) == 1
    assert copies.as_plain() == {
        "equal_rows": 2,
        "equal_by_nature": False,
        "near_duplicates": None,
        "merged_clusters": 1,
        "merged_rows": 3,
    }
    assert told(copies) == [
        "2 rows are kept in one part with an earlier one that has the same inputs"
    ]


def test_only_usable_rows_are_compared():
    values = numbers(30)
    values[20] = values[10]
    assert found(pl.DataFrame(values), rows=np.arange(15)).exact == 0


def test_equal_rows_of_few_values_are_not():
    rng = np.random.default_rng(0)
    copies = found(pl.DataFrame({"a": rng.integers(0, 2, 100), "b": rng.integers(0, 4, 100)}))
    assert (copies.exact, copies.by_nature) == (92, True)
    assert len(set(copies.together.tolist())) == 100
    assert len(told(copies)) == 1
    assert "they are no copies: the split may part them" in told(copies)[0]


def test_a_table_filled_up_with_copies_has_copies():
    values = numbers(30)
    copies = found(pl.DataFrame(np.concatenate([values] * 4)))
    assert (copies.exact, copies.by_nature) == (90, False)


def test_near_duplicates_are_joined_where_that_is_asked():
    values = numbers(300)
    values[200:203] = values[100:103].round(3)
    values[250] = values[100]
    frame = pl.DataFrame(values)
    assert found(frame).near is None
    copies = found(frame, near=True)
    assert (copies.exact, copies.near) == (1, 3)
    assert copies.together[100] == copies.together[200] == copies.together[250]
    assert told(copies)[-1] == ("3 near-duplicates are kept in one part with what they resemble")
    assert np.unique(copies.together, return_counts=True)[1].max() <= MOST


def test_without_copies_nothing_is_told():
    copies = found(pl.DataFrame(numbers(20)))
    assert (copies.exact, told(copies)) == (0, [])
    assert found(pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)})).exact == 0


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
