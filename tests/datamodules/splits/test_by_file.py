"""Each file is one part."""

import numpy as np
import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.by_file import FileSplit
from datamodules.splits.splitter import Undivided
from tests.datamodules.splits.rows import parts


def of(files) -> Undivided:
    return Undivided.of(
        Records(pl.DataFrame({"x": range(len(files))}), "here", files=pl.Series(files))
    )


def told(files, *patterns, **arguments) -> list[int]:
    found: list[int] = parts(FileSplit(*patterns, **arguments)(of(files)), len(files)).tolist()
    return found


@pytest.mark.parametrize(
    ("files", "patterns"),
    [
        (["a.csv", "b.csv", "c.csv"], ("a.csv", "c.csv", "b.csv")),
        (["in/a.csv", "in/b.csv", "in/c.csv"], ("a.csv", "./in/c.csv", "b.*")),
        (["2022-1.csv", "2023-1.csv", "2024-1.csv"], ("2022-*", "2024-*", ["2023-*"])),
        (["train/x/1.png", "val/x/1.png", "test/x/1.png"], ("train/*", "test/*", "val/*")),
        (["data[1].csv", "data[2].csv", "3[?].csv"], ("data[1].csv", "3[?].csv", "data[2].csv")),
        (["Ä b.csv", "ß.csv", "日.csv"], ("Ä b.csv", "日.csv", "ß.csv")),
    ],
)
def test_names_and_patterns(files, patterns):
    assert told(files, *patterns) == [0, 1, 2]


def test_several_files_of_one_part():
    files = ["a.csv", "b.csv", "c.csv"] * 3
    assert told(files, ["a.csv", "c.csv"], "b.csv", val=0) == [0, 2, 0] * 3


def test_a_share_of_the_training_rows_becomes_validation():
    found = told(["a.csv"] * 20 + ["b.csv"] * 5, "a.csv", "b.csv", val=0.2)
    assert found[20:] == [2] * 5
    assert found.count(1) == 4


def test_the_files_of_a_folder_are_in_the_column_that_names_rows():
    frame = pl.DataFrame({"path": ["train/1.png", "test/1.png"]})
    rows = Undivided.of(Records(frame, "folder", names="path"))
    split = FileSplit("train/*", "test/*", val=0)(rows)
    assert [part.tolist() for part in split] == [[0], [], [1]]


def test_settled_rows_stay_and_a_model_sees_every_column():
    rows = of(["a.csv", "b.csv", "b.csv"])
    some = rows.only(rows.rows, np.array([2, 0, -1], dtype=np.int16))
    split = FileSplit("a.csv", "b.csv", val=0)(some)
    assert [part.tolist() for part in split] == [[1], [], [0, 2]]
    assert FileSplit("a", "b").leave_out == []


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        (("a.csv", "b.csv"), "the file 'c.csv' is of no part: each file of --data.source fits"),
        (("a.csv", ["b.csv", "?.csv"]), "the file 'a.csv' is of train and of test"),
        (
            ("a.csv", ["b.csv", "c.csv", "d.csv"]),
            "--data.split.test: no file fits 'd.csv'; there are 'a.csv', 'b.csv', 'c.csv'.",
        ),
        (([], ["*.csv"]), "--data.split.train names no row for training, only for test"),
    ],
)
def test_files_of_no_part_or_of_two_are_told(patterns, said):
    with pytest.raises(UserError) as caught:
        told(["a.csv", "b.csv", "c.csv"], *patterns)
    assert said in str(caught.value)


def test_rows_of_one_file_are_told():
    rows = Undivided.of(Records(pl.DataFrame({"x": [1]}), "a.csv"))
    with pytest.raises(UserError, match=r"the rows of 'a.csv' come from one file"):
        FileSplit("a.csv", "b.csv")(rows)


@pytest.mark.parametrize("val", [1.0, -0.1, float("nan")])
def test_a_share_that_is_none_is_told(val):
    with pytest.raises(UserError, match=r"data.split.val"):
        FileSplit("a.csv", "b.csv", val=val)
