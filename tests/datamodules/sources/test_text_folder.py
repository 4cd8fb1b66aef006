"""Folders of text files."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from datamodules.errors import UserError
from datamodules.sources.tables import read_table
from datamodules.text import TextDataModule


def fill(files: Mapping[str, str | bytes]) -> str:
    for name, content in files.items():
        path = Path("data", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return "data"


def error(source: str) -> str:
    with pytest.raises(UserError) as caught:
        read_table(source, "text")
    return str(caught.value)


def test_class_folders_are_labels():
    source = fill({"pos/b.txt": "\ufeff good\n", "pos/d/a.txt": "fine", "neg/0_1": "bad"})
    fill(
        {
            "x.md": "?",
            "neg/.h.txt": "hidden",
            ".git/a.txt": "hidden",
            "pos/p.png": "no text",
            "empty/z.pdf": "",
        }
    )
    records = read_table(source, "text")
    assert records.frame.to_dict(as_series=False) == {
        "text": ["bad", "good", "fine"],
        "label": ["neg", "pos", "pos"],
        "path": ["neg/0_1", "pos/b.txt", "pos/d/a.txt"],
    }
    assert (records.text, records.target, records.names) == ("text", "label", "path")
    assert "left out: 1 (first: 'x.md')" in records.notes[0]
    assert "no classes: empty" in records.notes[1]


def test_a_flat_folder_has_no_labels():
    records = read_table(fill({"b.txt": "b", "a.txt": "a"}), "text")
    assert records.frame.rows() == [("a", "a.txt"), ("b", "b.txt")]
    assert records.target is None


def test_training_and_predicting():
    words = {"pos": "good fine glad", "neg": "bad sad poor"}
    files = {f"{label}/{n}.txt": f"{text} {n}" for label, text in words.items() for n in range(30)}
    data = TextDataModule(fill(files), min_count=1)
    data.setup("fit")
    assert data.spec.target is not None
    assert data.spec.target.names == ["neg", "pos"]
    Path("new").mkdir()
    Path("new/a.txt").write_text("good")
    Path("new/b.txt").write_text("")
    data.source = "new"
    data.setup("predict")
    assert data.row_names == {"path": ["a.txt", "b.txt"]}
    assert len(next(iter(data.predict_dataloader()))["index"]) == 2


def test_a_flat_folder_teaches_nothing():
    with pytest.raises(UserError, match=r"^--data\.source: 'data' holds texts without classes"):
        TextDataModule(fill({"a.txt": "a"})).setup("fit")


def test_files_without_text_and_of_other_encodings_are_named():
    source = fill({"a.txt": " \n", "b.txt": "b"})
    records = read_table(source, "text")
    assert records.notes == ["Files in 'data' without text: 1 ('a.txt')."]
    fill({"c.txt": "é".encode("latin-1"), "d.txt": "d\0".encode("utf-16")})
    assert error(source) == (
        "Files that are not UTF-8 text: 2 ('c.txt', 'd.txt'): save them as UTF-8."
    )


def test_folders_of_splits_tables_and_nothing_are_told():
    Path("data").mkdir()
    assert "holds no texts" in error("data")
    fill({"x.csv": "a\n1\n"})
    assert "'data/*.csv'" in error("data")
