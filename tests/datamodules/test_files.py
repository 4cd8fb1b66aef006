"""A file is written whole or not at all."""

import json
from pathlib import Path

import pytest

from datamodules.files import write_json, written_whole


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    for text in ("old", "new"):
        with written_whole(tmp_path / "a.txt") as partial:
            partial.write_text(text)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "new"


def half_written(path: Path) -> None:
    with written_whole(path) as partial:
        partial.write_text("half a")
        raise OSError("no space left")


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(OSError, match="no space"):
        half_written(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "old"


def test_plain_values_are_written_whole(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1, None], "c": "é"})
    assert json.loads((tmp_path / "a.json").read_text()) == {"b": [1, None], "c": "é"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
