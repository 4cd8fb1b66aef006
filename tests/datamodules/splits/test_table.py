"""A split as a file."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.splits import table
from datamodules.splits.table import KEY, SplitTable, is_split_table, parts_by_keys

RECIPE = {"class_path": "datamodules.splits.random.RandomSplit", "init_args": {"val": 0.2}}


def split_table(count: int = 5) -> SplitTable:
    hashes = np.arange(count, dtype=np.uint64) * np.uint64(2**64 // 7)
    parts = (np.arange(count) % 3).astype(np.int16)
    return SplitTable(hashes, parts, ["x", "Ä 'y'"], RECIPE, "abc", {"merged": {"rows": 3}})


@pytest.fixture(params=["split.json", "split.parquet"])
def written(request, tmp_path, monkeypatch):
    if request.param.endswith("parquet"):
        monkeypatch.setattr(table, "LARGE", 0)
    path = split_table().write(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [request.param]
    return path


def test_a_round_trip_changes_nothing(written):
    assert is_split_table(written)
    again, first = SplitTable.read(written), split_table()
    assert again.hashes.tolist() == first.hashes.tolist()
    assert again.hashes.dtype == np.uint64
    assert again.parts.tolist() == first.parts.tolist()
    assert again.parts.dtype == np.int16
    assert (again.columns, again.recipe) == (first.columns, RECIPE)
    assert again.fingerprint == "abc"


def test_a_reader_is_told_how_the_split_came_about(tmp_path):
    told = json.loads(split_table().write(tmp_path).read_text("utf-8"))
    assert told.pop("rows")[:2] == [["0000000000000000", "train"], ["2492492492492492", "val"]]
    assert told == {
        "version": 1,
        "recipe": RECIPE,
        "fingerprint": "abc",
        "columns": ["x", "Ä 'y'"],
        "leave_out": [],
        "counts": {"train": 2, "val": 2, "test": 1},
        "merged": {"rows": 3},
    }


def test_a_split_without_rows_and_without_a_recipe(tmp_path):
    empty = SplitTable(np.empty(0, np.uint64), np.empty(0, np.int16), [])
    again = SplitTable.read(empty.write(tmp_path))
    assert len(again.hashes) == len(again.parts) == 0
    assert again.recipe is None


def test_a_large_split_is_a_parquet_file(tmp_path):
    assert split_table(table.LARGE).write(tmp_path).name == "split.parquet"
    assert split_table(table.LARGE - 1).write(tmp_path).name == "split.json"


def without(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda told: told.pop(key)


def with_rows(*rows: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda told: told.update(rows=list(rows))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("rows"), "it has no 'rows'"),
        (without("columns"), "it has no 'columns'"),
        (without("version"), "it has no 'version'"),
        (lambda told: told.update(version=2), "written by a later release (version 2 of split"),
        (lambda told: told.update(columns=None), "is no split file of a run"),
        (lambda told: told.update(recipe="RandomSplit"), "is no split file of a run"),
        (lambda told: told.update(recipe={"class_path": 5}), "its recipe is no class with its"),
        (lambda told: told.update(recipe=["RandomSplit"]), "is no split file of a run"),
        (lambda told: told.update(recipe={"init_args": {}}), "is no split file of a run"),
        (with_rows(["12", "tset"]), "is no split file of a run"),
        (with_rows(["zz", "test"]), "is no split file of a run"),
        (with_rows(["1" * 17, "test"]), "is no split file of a run"),
        (with_rows(["-1", "test"]), "is no split file of a run"),
        (with_rows(["12"]), "is no split file of a run"),
        (with_rows(5), "is no split file of a run"),
    ],
)
def test_a_broken_file_is_told(tmp_path, change, said):
    path = split_table().write(tmp_path)
    told = json.loads(path.read_text("utf-8"))
    change(told)
    path.write_text(json.dumps(told), "utf-8")
    with pytest.raises(UserError) as caught:
        SplitTable.read(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_half_a_file_is_told(written):
    written.write_bytes(written.read_bytes()[:-30])
    with pytest.raises(UserError, match=r"is no split file of a run: .*\."):
        SplitTable.read(written)


def test_files_that_are_no_split_of_a_run(tmp_path):
    frame = pl.DataFrame({"row": [0, 1], "part": ["train", "test"]})
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_csv(tmp_path / "a.csv")
    (tmp_path / "a.json").write_text('{"train": [0]}')
    (tmp_path / "b.parquet").write_text("no parquet")
    for path in (*tmp_path.iterdir(), tmp_path / "missing.json", tmp_path):
        assert not is_split_table(path)
    for path in (tmp_path / "a.parquet", tmp_path / "b.parquet", tmp_path / "missing.json"):
        with pytest.raises(UserError, match="is no split file of a run"):
            SplitTable.read(path)
    with pytest.raises(UserError, match=KEY):
        SplitTable.read(tmp_path / "a.parquet")


@given(
    st.dictionaries(st.integers(0, 2**64 - 1), st.integers(0, 2), max_size=20),
    st.lists(st.integers(0, 2**64 - 1), max_size=10),
)
@settings(deadline=None, max_examples=50)
def test_parts_are_looked_up_by_key(known, others):
    wanted = [*others, *known]
    found = parts_by_keys(
        np.array(list(known), dtype=np.uint64),
        np.array(list(known.values()), dtype=np.int16),
        np.array(wanted, dtype=np.uint64),
    )
    assert found.tolist() == [known.get(key, -1) for key in wanted]
