"""Parts that a column tells."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.splits.column import ColumnSplit
from datamodules.splits.splitter import Undivided
from tests.datamodules.splits.rows import parts, records, undivided


def told(words, settled=None, **arguments) -> tuple[list[int], list[str]]:
    rows = undivided(pl.DataFrame({"p": words}))
    if settled is not None:
        rows = rows.only(rows.rows, np.array(settled, dtype=np.int16))
    return parts(ColumnSplit("p", **arguments)(rows), len(words)).tolist(), rows.notes


@given(st.lists(st.sampled_from(["train", "dev", "Test"]), max_size=30))
@settings(deadline=None, max_examples=30)
def test_each_row_has_the_part_that_it_says(words):
    words = [*words, "train", "dev"]
    assert told(words) == ([{"train": 0, "dev": 1, "Test": 2}[word] for word in words], [])


def test_validation_comes_out_of_training_where_it_is_not_named():
    words = ["train", "test"] * 20
    found, notes = told(words, val=0.25)
    assert found[1::2] == [2] * 20
    assert sorted(found[::2]) == [0] * 15 + [1] * 5
    assert notes == [
        "no row is named for validation, so 5 training rows are taken: "
        "--data.split.val 0 takes none"
    ]
    assert told(words, val=0)[0] == [0, 2] * 20
    assert told(words, val=0.25, seed=1)[0] != found


def test_settled_rows_stay_whatever_the_column_says_now():
    assert told(["train", "val", "test", "test"], [2, 0, 1, -1])[0] == [2, 0, 1, 2]


def test_settled_training_rows_do_not_become_validation_rows():
    found, _ = told(["train"] * 40, [0] * 20 + [-1] * 20)
    assert found[:20] == [0] * 20
    assert found.count(1) == 6


def test_unusable_rows_need_no_word():
    rows = Undivided.of(records(pl.DataFrame({"p": ["train", None, "val"]})), np.array([0, 2]))
    assert [part.tolist() for part in ColumnSplit("p")(rows)] == [[0], [2], []]


def test_a_model_does_not_see_the_column():
    assert ColumnSplit("p").leave_out == ["p"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "tset"], "--data.split.column: 'p' is 'tset' in row 2, which is no part"),
        (["train", None], "--data.split.column: 'p' is missing in row 2"),
        (["test", "val"], "--data.split.column: 'p' names no row for training, only for test"),
        (["val", "val"], "--data.split.column: 'p' names no row for training, only for any part"),
    ],
)
def test_words_that_name_no_parts_are_told(words, said):
    with pytest.raises(UserError) as caught:
        told(words)
    assert said in str(caught.value)


def test_a_column_that_is_not_there_is_told():
    with pytest.raises(UserError, match=r"column for --data.split.column 'q'"):
        ColumnSplit("q")(undivided(pl.DataFrame({"p": ["train"]})))


@pytest.mark.parametrize("val", [1.0, -0.1, float("nan")])
def test_a_share_that_is_none_is_told(val):
    with pytest.raises(UserError, match=r"data.split.val"):
        ColumnSplit("p", val=val)
