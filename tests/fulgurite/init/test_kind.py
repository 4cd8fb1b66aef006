"""Whether rows are images, texts or a table."""

import numpy as np
import polars as pl
import pytest
from PIL import Image

from datamodules.image import ImageDataModule
from datamodules.tabular import TabularDataModule
from datamodules.text import TextDataModule
from fulgurite.init.kind import KindOfRows, is_image_source, is_text_folder, kind_of_table

ROWS = 100
TEXT = [f"the film number {i} was rather good today" for i in range(ROWS)]
NUMBERS = np.random.default_rng(0).normal(size=ROWS)


def kind(text=None, hidden=(), **columns) -> KindOfRows:
    return kind_of_table(pl.DataFrame(columns), ["y", *hidden], text)


def test_a_column_of_texts_beside_little_else():
    found = kind(y=[0, 1] * 50, review=TEXT, stars=NUMBERS)
    assert (found.datamodule, found.text) == (TextDataModule, "review")
    assert found.why == "'review' holds texts; not used: stars"
    assert kind(y=[0, 1] * 50, review=TEXT).why == "'review' holds texts"


def test_a_table_with_a_text_in_it():
    found = kind(y=[0, 1] * 50, remarks=TEXT, a=NUMBERS, b=NUMBERS + 1, c=["x", "z"] * 50)
    assert (found.datamodule, found.text) == (TabularDataModule, None)
    assert "say --text remarks" in found.why


def test_the_user_knows_better():
    columns = {"a": NUMBERS, "b": NUMBERS, "c": NUMBERS}
    assert kind(text="note", y=[0] * ROWS, note=["short"] * ROWS, **columns).text == "note"


@pytest.mark.parametrize(
    "column",
    [
        ["New York", "San Francisco"] * 50,  # names
        ["the same long sentence again and again"] * ROWS,
        [None] * ROWS,
        NUMBERS,
    ],
)
def test_what_is_no_text(column):
    assert kind(y=[0, 1] * 50, x=column).datamodule is TabularDataModule


def test_paths_of_images():
    paths = [f"cats/{i}.JPG" for i in range(ROWS)]
    assert kind(y=[0, 1] * 50, file=paths).datamodule is ImageDataModule


def test_folders(tmp_path):
    (tmp_path / "images" / "cat").mkdir(parents=True)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("hello")
    Image.new("L", (4, 4)).save(tmp_path / "images" / "cat" / "a.png")
    assert is_image_source(str(tmp_path / "images"))
    assert is_image_source(str(tmp_path / "images" / "cat" / "a.png"))
    assert not is_image_source(str(tmp_path / "texts"))
    assert not is_image_source(["a.csv"])
    assert is_text_folder(str(tmp_path / "texts"))
    assert not is_text_folder(str(tmp_path / "none.csv"))


def test_a_column_that_is_all_there_is_is_a_text():
    titles = [f"Painting {i}" for i in range(ROWS)]
    found = kind(y=[0, 1] * 50, title=titles)
    assert (found.datamodule, found.text) == (TextDataModule, "title")
    beside = kind(y=[0, 1] * 50, title=titles, year=NUMBERS)
    assert beside.datamodule is TabularDataModule
    assert beside.why.endswith("to learn from 'title', say --text title")
    assert kind(y=[0, 1] * 50, title=titles, a=NUMBERS, b=NUMBERS + 1, c=NUMBERS + 2).why == (
        "each row is numbers and categories"
    )
