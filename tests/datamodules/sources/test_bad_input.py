"""Each way in which what a user hands over can be bad: one or two sentences, and no traceback."""

import gzip
import io
import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from PIL import Image

from datamodules.errors import UserError
from datamodules.image import ImageDataModule
from datamodules.sources.json_api import JsonApi
from datamodules.sources.log_lines import LogLines
from datamodules.supervised import SupervisedDataModule
from datamodules.tabular import TabularDataModule
from datamodules.text import TextDataModule

ROWS = "".join(f"{n},{n % 3},{'yes' if n % 2 else 'no'}\n" for n in range(40))
TABLE = f"a,b,y\n{ROWS}"


def check(data: SupervisedDataModule, told: str) -> None:
    """Prepare the data, and check the form of what is said."""
    with pytest.raises(UserError) as caught:
        data.setup("fit")
    message = str(caught.value)
    assert told in message, message
    assert "\n" not in message
    if told.startswith("'x."):  # what is wrong with a file names the setting that names the file
        assert message.startswith("--data.source: ")
    assert len(message) < 700
    assert message.endswith((".", "?", "'")), message
    assert len(re.findall(r"[.?!] [A-Z]", message)) <= 3, message


def png(change: Callable[[bytes], bytes] = bytes) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "PNG")
    return change(buffer.getvalue())


FILES: list[tuple[str, str | bytes, str]] = [
    ("x.csv", "", "'x.csv' is empty"),
    ("x.csv", "\n \n", "'x.csv' is empty"),
    ("x.csv", "\ufeff", "'x.csv' is empty"),
    ("x.csv", "a,y\n", "has no rows"),
    ("x.csv", "y\nyes\nno\n" * 9, "no column is left to learn from"),
    ("x.csv", "a,b,y\n1,2,3\n4,5,6,7\n", "Line 3 of 'x.csv' has 4 values for 3 columns"),
    ("x.csv", "a,y\ncaf\u00e9,1\n".encode("latin-1"), "is not UTF-8 text (line 2)"),
    ("x.csv", TABLE.encode("utf-16"), "is UTF-16 text"),
    ("x.csv", "\u7532\u7532\u7532,y\n".encode("utf-16"), "is UTF-16 text"),
    ("x.csv", TABLE.encode("utf-16-le"), "is UTF-16 text"),
    ("x.csv", "a,y\n1,2\n3,\0\n", "holds a NUL byte (line 3)"),
    ("x.csv", 'a,y\n1,2\n"3,4\n5,6\n', "A quotation mark in line 3"),
    ("x.csv", "a,y,a\n1,2,3\n", "more than one column named 'a'"),
    ("x.csv", "a,y, y\n1,2,3\n", "more than one column named 'y'"),
    ("x.csv", f"{'a' * 10_000_000},y\n1,2\n", "The header of 'x.csv' cannot be read"),
    ("x.csv", "a,y\n1,\n2,\n3,NA\n", "none of the 3 rows has a value in 'y'"),
    ("x.csv", "a,y\n1,inf\n2,-inf\n", "none of the 2 rows has a value in 'y'"),
    ("x.csv", "a,y\n" + ",yes\n,no\n" * 20, "no column is left to learn from ('a': it is empty)"),
    ("x.csv", "a,y\n1,yes\n", "every row has the same 'y'"),
    ("x.csv", "a,z\n1,2\n", "has no column 'y'"),
    ("x.tsv", "a\ty\n1\t2\t3\n", "Line 2 of 'x.tsv' has 3 values for 2 columns"),
    ("x.csv.gz", b"no gzip", "cannot be unpacked"),
    ("x.csv.gz", gzip.compress(TABLE.encode(), mtime=0)[:-20], "cannot be unpacked"),
    ("x.csv.gz", gzip.compress(b"a,y\n1,2,3\n", mtime=0), "Line 2 of 'x.csv.gz' has 3 values"),
    ("x.parquet", "", "'x.parquet' is empty"),
    ("x.parquet", "PAR1 and so on", "cannot be read as Parquet"),
    ("x.json", "", "'x.json' is empty"),
    ("x.json", '[{"a": 1},\n{"a": }]', "is not valid JSON in line 2"),
    ("x.json", '{"a": [1, 2], "y": [3, 4]}', "does not hold rows"),
    ("x.json", "[1, 2]", "does not hold rows"),
    ("x.json", "3", "does not hold rows"),
    ("x.json", "[]", "has no rows"),
    ("x.jsonl", '{"a": 1, "y": 2}\n{"a": 1, "y"\n', "is not valid JSON in line 2"),
    ("x.jsonl", '{"a": 1, "y": 2}\n[1]\n', "does not hold rows"),
    ("x.xlsx", "PK", "cannot be read as a table ('.xlsx')"),
    ("x", TABLE, "cannot be read as a table"),
    ("x.log", "hello\nworld\n", "log lines of no known format"),
    ("x.log", "", "'x.log' is empty"),
]


@pytest.mark.parametrize(("name", "content", "told"), FILES)
def test_a_bad_file(name, content, told):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    check(TabularDataModule(name, target="y"), told)


SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"source": "no.csv"}, "There is no 'no.csv'"),
    ({"source": "x.cvs"}, "Did you mean 'x.csv'"),
    ({"source": "no/x.csv"}, "its folder 'no' does not exist"),
    ({"source": "folder"}, "'folder' is a folder"),
    ({"source": "*.tsv"}, "no file matches '*.tsv'"),
    ({"source": ["x.csv", "other.csv"]}, "has the columns 'b', 'y' that 'other.csv' lacks"),
    ({"source": "sample:no"}, "There is no sample 'no'"),
    ({"source": "sample:digits"}, "sample:digits holds images, not tables"),
    ({"source": "sqlite:///no.db"}, "There is no 'no.db'"),
    ({"source": "sqlite:///x.csv"}, "is no SQLite database"),
    ({"source": "sqlite:///x.db", "query": "SELECT nope FROM t"}, "no such column: nope"),
    ({"source": "sqlite:///x.db", "query": "SELECT 1 WHERE 0"}, "gives no rows"),
    ({"source": "sqlite:///x.db", "query": "DROP TABLE t"}, "readonly"),
    ({"source": "sqlite:///x.db"}, "has 2 tables (t, u)"),
    ({"source": "nosql://x/y"}, "There is no kind of database 'nosql'"),
    ({"source": "x.csv", "target": "Y"}, "Did you mean 'y'"),
    ({"source": "x.csv", "leave_out": "c"}, "has no column 'c'"),
    ({"source": "x.csv", "schema": {"y": "number"}}, "row 1 (line 2) of 'x.csv' holds 'no'"),
    ({"source": "x.csv", "schema": {"c": "number"}}, "has no such column"),
    ({"source": "x.csv", "schema": {"a": "int"}}, "Did you mean 'integer'"),
    ({"source": "x.csv", "query": "SELECT 1"}, "is no database"),
    ({"source": "x.csv", "reader": JsonApi()}, "JsonApi reads web addresses"),
    ({"source": "x.csv", "reader": LogLines()}, "LogLines reads files of lines"),
    ({"source": "mixed.csv", "target": "a", "task": "regression"}, "a"),
]


@pytest.mark.parametrize(("settings", "told"), SETTINGS)
def test_bad_settings(settings, told):
    pytest.importorskip("sqlalchemy")
    Path("x.csv").write_text(TABLE)
    Path("other.csv").write_text("a\n1\n")
    Path("mixed.csv").write_text("a,b\n1,2\nx,3\n4,5\n")
    Path("folder").mkdir()
    with sqlite3.connect("x.db") as connection:
        connection.executescript("CREATE TABLE t (a); CREATE TABLE u (a)")
    connection.close()
    check(TabularDataModule(**{"target": "y", **settings}), told)


IMAGES: list[tuple[str, bytes, str]] = [
    ("a/0.png", b"", "'a/0.png' (empty file)"),
    ("a/0.png", b"I am text", "'a/0.png' (not an image)"),
    ("a/0.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "'a/0.png' (not an image)"),
    ("a/0.png", png(lambda whole: whole[: len(whole) // 2]), "1 of the 2 images"),
    ("a/0.jpg", b"\xff\xd8\xff\xe0 no more", "'a/0.jpg'"),
]


@pytest.mark.parametrize(("name", "content", "told"), IMAGES)
def test_a_bad_image(name, content, told):
    for label in "ab":
        Path("data", label).mkdir(parents=True)
    Path("data/b/0.png").write_bytes(png())
    Path("data", name).write_bytes(content)
    check(ImageDataModule("data"), told)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("vector.svg", "is not an image"),
        ("empty", "holds no images"),
        ("flat", "holds images without classes"),
        ("x.csv", "no column holds image paths"),
        ("list.csv", "1 of the 1 images that 'list.csv' lists in 'file' are not there: row 1"),
    ],
)
def test_no_images(source, told):
    Path("vector.svg").write_text("<svg/>")
    Path("empty").mkdir()
    Path("flat").mkdir()
    Path("flat/0.png").write_bytes(png())
    Path("x.csv").write_text(TABLE)
    Path("list.csv").write_text("file,y\ngone.png,1\n")
    check(ImageDataModule(source), told)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"source": "empty"}, "holds no texts"),
        ({"source": "flat"}, "holds texts without classes"),
        ({"source": "latin"}, "are not UTF-8 text: 1 ('a/x.txt')"),
        ({"source": "x.csv", "target": "y", "text": "txt"}, "has no column 'txt'"),
        ({"source": "x.csv", "target": "y"}, "which column holds the texts"),
    ],
)
def test_no_texts(settings, told):
    for folder in ("empty", "flat", "latin/a"):
        Path(folder).mkdir(parents=True)
    Path("flat/x.txt").write_text("x")
    Path("latin/a/x.txt").write_bytes(b"caf\xe9")
    Path("x.csv").write_text(TABLE)
    check(TextDataModule(**settings), told)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all files")
def test_a_file_that_may_not_be_read():
    Path("x.csv").write_text(TABLE)
    Path("x.csv").chmod(0)
    check(TabularDataModule("x.csv", target="y"), "'x.csv' cannot be read: Permission denied")


@pytest.mark.parametrize("kind", ["x.csv", "x.jsonl", "x.parquet", "x.log", "x.csv.gz"])
def test_a_file_that_the_system_refuses(kind, monkeypatch):
    Path(kind).write_text(TABLE)

    def refuse(*args: Any, **settings: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr("polars.read_parquet", refuse)
    monkeypatch.setattr("gzip.open", refuse)
    check(TabularDataModule(kind, target="y"), f"'{kind}' cannot be read: Permission denied")


def test_a_field_of_ten_megabytes_is_read():
    Path("x.csv").write_text(f"a,y\n{'k' * 10_000_000},1\nm,2\n")
    frame = TabularDataModule("x.csv", target="y").read().frame
    assert frame["a"].str.len_bytes().to_list() == [10_000_000, 1]


def test_infinite_values_among_the_inputs_count_as_missing():
    rows = "".join(f"{'inf' if n == 3 else n},{n % 2}\n" for n in range(40))
    Path("x.csv").write_text(f"a,y\n{rows}")
    data = TabularDataModule("x.csv", target="y")
    data.setup("test")
    for batch in data.test_dataloader():
        assert batch["inputs"].isfinite().all()


def test_columns_of_one_type_in_lists_of_json_are_told_apart():
    pl.DataFrame({"a": [[1], [2]] * 20, "b": list(range(40)), "y": ["p", "q"] * 20}).write_json(
        "x.json"
    )
    data = TabularDataModule("x.json", target="y")
    data.setup("fit")
    assert any("left out 'a'" in note for note in data.notes)
