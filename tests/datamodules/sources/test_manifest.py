"""Tables that list images."""

from pathlib import Path

import polars as pl
import pytest
import torch
from PIL import Image

from datamodules.errors import UserError
from datamodules.image import ImageDataModule
from datamodules.sources.manifest import is_manifest, read_manifest
from tests.datamodules.sources.files import write


def pictures(folder: str, count: int = 40) -> pl.DataFrame:
    """Write grey images of rising brightness, and return their names and what they show."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(count):
        light = number * 6
        Image.new("L", (4, 4), light).save(Path(folder, f"{number:02}.PNG"))
        kind = "dark" if light < 120 else "light"
        rows.append({"file": f"{number:02}.PNG", "kind": kind, "who": f"p{number % 7}"})
    return pl.DataFrame(rows)


def prepared(source, **settings) -> ImageDataModule:
    data = ImageDataModule(source, **settings)
    data.setup("fit")
    return data


def error(source, **settings) -> str:
    with pytest.raises(UserError) as caught:
        prepared(source, **settings)
    return str(caught.value)


def test_what_is_a_manifest():
    for source in ("a.csv", "a.jsonl.gz", "d/*.csv", "sqlite:///x.db", ["a.csv"]):
        assert is_manifest(source)
    for source in ("a.png", "folder", "sample:digits"):
        assert not is_manifest(source)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_paths_go_from_the_folder_of_the_table(suffix):
    frame = pictures("data/images").with_columns(pl.format("images/{}", "file").alias("file"))
    write(frame, f"data/list.{suffix}")
    data = prepared(f"data/list.{suffix}", target="kind")
    assert data.spec.inputs == {"image": [1, 4, 4]}
    assert data.spec.target is not None
    assert data.spec.target.names == ["dark", "light"]
    assert data.store is not None
    image = data.store[torch.tensor([39])]["inputs"]
    assert isinstance(image, torch.Tensor)
    assert int((image * 255).round().unique()) == 39 * 6
    assert data.read().frame.columns == ["file", "kind", "who"]


def test_another_folder_and_absolute_paths(tmp_path):
    frame = pictures("images")
    Path("lists").mkdir()
    frame.write_csv("lists/a.csv")
    assert "Relative paths go from 'lists'; --data.folder names another" in error(
        "lists/a.csv", target="kind"
    )
    prepared("lists/a.csv", target="kind", folder="images")
    absolute = pl.format(f"{tmp_path}/images/{{}}", "file")
    frame.with_columns(file=absolute).write_csv("lists/b.csv")
    prepared("lists/b.csv", target="kind")
    assert "there is no folder 'imags'" in error("lists/a.csv", target="kind", folder="imags")


def test_files_in_several_folders_each_go_from_their_own():
    pictures("a").write_csv("a/list.csv")
    pictures("b")[:10].write_csv("b/list.csv")
    found = read_manifest("*/list.csv")
    assert [str(path) for path in (found.paths[0], found.paths[-1])] == ["a/00.PNG", "b/09.PNG"]
    assert len(prepared("*/list.csv", target="kind").read().frame) == 50


def test_predictions_name_the_image_and_need_no_target():
    frame = pictures(".")
    frame.write_csv("list.csv")
    data = prepared("list.csv", target="kind")
    frame.select("file")[:3].write_csv("new.csv")
    data.source = "new.csv"
    data.setup("predict")
    assert data.row_names == {"file": ["00.PNG", "01.PNG", "02.PNG"]}


def test_several_labels_a_cell():
    frame = pictures(".").with_columns(tags=pl.col("kind") + "|" + pl.col("who"))
    frame.write_csv("list.csv")
    spec = prepared("list.csv", target="tags", separator="|").spec
    assert spec.target is not None
    assert spec.target.kind == "multilabel"


def test_the_column_of_images_is_found_or_named():
    frame = pictures(".").with_columns(second="file")
    frame.write_csv("two.csv")
    assert "several columns (file, second) hold image paths" in error("two.csv", target="kind")
    prepared("two.csv", target="kind", image="second")
    assert "Did you mean 'file'" in error("two.csv", target="kind", image="fil")
    frame.select("kind", "who").write_csv("none.csv")
    assert "no column holds image paths" in error("none.csv", target="kind")


def test_images_that_are_missing_or_broken_are_told_by_row():
    frame = pictures(".")
    Path("03.PNG").unlink()
    frame.with_columns(pl.when(pl.col("file") != "05.PNG").then("file")).write_csv("list.csv")
    message = error("list.csv", target="kind")
    assert "2 of the 40 images that 'list.csv' lists in 'file' are not there" in message
    assert "row 4 ('03.PNG'), row 6 (no path)" in message
    Path("03.PNG").write_text("no image")
    frame.write_csv("list.csv")
    assert "'row 4: 03.PNG' (not an image)" in error("list.csv", target="kind")


def test_a_url_of_an_image_is_told():
    pl.DataFrame({"file": ["https://x/a.png"], "kind": ["a"]}).write_csv("list.csv")
    assert "download it first" in error("list.csv", target="kind")


def test_a_manifest_without_a_target_asks_for_one():
    pictures(".").write_csv("list.csv")
    assert "Say --data.target, one of file, kind, who" in error("list.csv")
