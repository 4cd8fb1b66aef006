"""Split files that were made elsewhere."""

import json

import numpy as np
import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.foreign import foreign_parts
from datamodules.splits.splitter import Undivided

WORDS = ["train", "test", "val", "train", "test", "train"]
CODES = [0, 2, 1, 0, 2, 0]
DATA = pl.DataFrame(
    {
        "name": ["a", "b", "c", "d", "e", "f"],
        "n": [1, 2, 3, 4, 5, 6],
        "house": ["red", "red", "blue", "blue", "red", "grey"],
        "x": [0.5, 0.5, 0.5, 1.5, 1.5, 2.5],
    }
)


def of(rows=None, names=None) -> Undivided:
    rows = None if rows is None else np.array(rows)
    return Undivided.of(Records(DATA, "data.csv", names=names), rows)


def save(tmp_path, suffix: str, frame: pl.DataFrame):
    path = tmp_path / f"parts{suffix}"
    if suffix == ".parquet":
        frame.write_parquet(path)
    elif suffix == ".json":
        path.write_text(json.dumps(frame.to_dicts()), "utf-8")
    else:
        frame.write_csv(path, separator="," if suffix == ".csv" else "\t")
    return path


ANY = pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ".json", ".parquet"])


@ANY
@pytest.mark.parametrize(("part", "row"), [("part", "row"), (" Split ", "Index")])
def test_parts_by_row_number(tmp_path, suffix, part, row):
    order = [3, 1, 5, 0, 2, 4]
    frame = pl.DataFrame({row: order, part: [WORDS[i] for i in order]})
    rows = of()
    assert foreign_parts(save(tmp_path, suffix, frame), rows).tolist() == CODES
    assert rows.notes == [f"6 rows have the part that '{tmp_path}/parts{suffix}' gives them"]


@ANY
@pytest.mark.parametrize("column", ["name", "n"])
def test_parts_by_a_column_of_the_data(tmp_path, suffix, column):
    frame = DATA.select(column).with_columns(part=pl.Series(WORDS)).reverse()
    assert foreign_parts(save(tmp_path, suffix, frame), of()).tolist() == CODES


def test_a_column_that_many_rows_share_gives_all_of_them_a_part(tmp_path):
    frame = pl.DataFrame({"house": ["red", "blue", "grey"], "part": ["train", "test", "val"]})
    assert foreign_parts(save(tmp_path, ".csv", frame), of()).tolist() == [0, 0, 2, 2, 0, 1]


def test_the_data_themselves_with_their_part(tmp_path):
    frame = DATA.with_columns(part=pl.Series(WORDS)).select(reversed([*DATA.columns, "part"]))
    assert foreign_parts(save(tmp_path, ".csv", frame), of()).tolist() == CODES


@pytest.mark.parametrize(
    "told",
    [
        {"train": [0, 3, 5], "test": [1, 4], "val": [2]},
        {"Training": [5, 3, 0], "holdout": [4, 1], "dev": [2], "seed": 7},
        {"row": [0, 1, 2, 3, 4, 5], "part": WORDS},
        [{"n": n, "part": word} for n, word in enumerate(WORDS, 1)],
    ],
)
def test_other_ways_to_write_json(tmp_path, told):
    path = tmp_path / "parts.json"
    path.write_text(json.dumps(told), "utf-8")
    assert foreign_parts(path, of()).tolist() == CODES


def test_lists_of_names(tmp_path):
    path = tmp_path / "parts.json"
    path.write_text(json.dumps({"train": ["a", "d", "f"], "test": ["b", "e"], "val": ["c"]}))
    assert foreign_parts(path, of(names="name")).tolist() == CODES


def test_rows_that_are_not_named_are_trained_on_and_told(tmp_path):
    path = save(tmp_path, ".csv", pl.DataFrame({"row": [0, 2, 5, 4], "part": ["test"] * 4}))
    rows = of([0, 1, 2, 5])
    assert foreign_parts(path, rows).tolist() == [2, 0, 2, 2]
    assert rows.notes[0].endswith("; 1 that it does not name are trained on")


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"row": [0], "fold": [1]}, "has no column 'part' that says train, val or test; its"),
        ({"part": ["train"]}, "does not say which rows it means: beside 'part' it needs a column"),
        ({"m": [1], "part": ["train"]}, "or one of the data's, such as 'name'"),
        ({"row": [0, 1], "part": ["train", "tset"]}, "'part' is 'tset' in row 2, which is no part"),
        ({"row": [0, 1], "part": ["train", None]}, "'part' is missing in row 2"),
        (
            {"row": [0, 6], "part": ["train"] * 2},
            "other data: it names row 6, and 'data.csv' has",
        ),
        ({"row": [-1, 0], "part": ["train"] * 2}, "of other data: it names row -1"),
        ({"row": ["a", "0"], "part": ["train"] * 2}, "'row' holds 'a', which is no row number"),
        ({"row": [0.5, 1], "part": ["train"] * 2}, "'row' holds '0.5', which is no row number"),
        ({"row": [0, None], "part": ["train"] * 2}, "'row' holds 'None', which is no row number"),
        ({"row": [2, 2], "part": ["train", "test"]}, "puts 1 rows into two parts, such as that of"),
        (
            {"n": [2, 2], "part": ["train", "test"]},
            "into two parts, such as that of 'n' 2",
        ),
        ({"n": [7, 8, 9], "part": ["train"] * 3}, "of other data: it names 3 rows, of which 0 are"),
        ({"n": [1, 8, 9], "part": ["train"] * 3}, "of other data: it names 3 rows, of which 1 are"),
    ],
)
def test_tables_that_are_no_split_of_these_data_are_told(tmp_path, frame, said):
    path = save(tmp_path, ".parquet", pl.DataFrame(frame))
    with pytest.raises(UserError) as caught:
        foreign_parts(path, of())
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "{"),
        ("a.json", "5"),
        ("a.json", '"train"'),
        ("a.json", "[]"),
        ("a.json", "{}"),
        ("a.json", "[1, 2]"),
        ("a.json", '{"train": [[0], [1]]}'),
        ("a.json", '{"train": [0, "b"]}'),
        ("a.json", '{"train": [0, null]}'),
        ("a.json", '{"train": [], "test": []}'),
        ("a.json", '{"part": ["train"], "row": [0, 1]}'),
        ("a.parquet", "row,part"),
        ("a.csv", ""),
        ("a.csv", "row,part\n"),
        ("a.csv", "row,part\n0,train,5\n"),
        ("a.csv", "part,part\ntrain,test\n"),
        ("a.csv", "\x00\x01\x02"),
    ],
)
def test_a_file_that_is_no_table_is_told_in_one_sentence(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=r"^--data\.split: '.*\.$") as caught:
        foreign_parts(tmp_path / name, of())
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_told(tmp_path):
    for name in ("a.json", "a.csv", "a.parquet"):
        (tmp_path / name).write_bytes(bytes(range(128, 256)))
        with pytest.raises(UserError, match=r"^--data\.split: '"):
            foreign_parts(tmp_path / name, of())


def test_a_part_of_the_rows_that_a_file_names_will_do(tmp_path):
    path = save(tmp_path, ".csv", pl.DataFrame({"n": range(1, 30), "part": ["train"] * 29}))
    assert foreign_parts(path, of()).tolist() == [0] * 6


def test_a_column_of_the_data_that_is_called_row_is_no_row_number(tmp_path):
    frame = pl.DataFrame({"row": [7, 8, 9]})
    rows = Undivided.of(Records(frame, "data.csv"))
    path = save(tmp_path, ".csv", frame.with_columns(part=pl.Series(["train", "test", "val"])))
    assert foreign_parts(path, rows).tolist() == [0, 2, 1]
