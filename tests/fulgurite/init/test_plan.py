"""What a config for a source should say."""

from pathlib import Path

import polars as pl
import pytest

from datamodules.errors import UserError
from fulgurite.init.plan import plan
from fulgurite.init.request import Request


def test_a_table_with_classes(people):
    made = plan(Request("people.csv", "plan"))
    assert (made.datamodule, made.model, made.backbone) == (
        "TabularDataModule",
        "Classification",
        "TabularMLP",
    )
    assert made.data == {"source": "people.csv", "target": "plan", "batch_size": 16}
    assert made.epochs == 50
    assert made.summary == "Classification of 'plan', 3 classes"
    assert "always saying 'gold' is right in" in made.decisions["task"]
    assert made.decisions["split"].startswith("84 rows to train, 18 to validate, 18 held out")


def test_a_number_and_what_the_mean_would_give(people, table_of_people):
    made = plan(Request("people.csv", "spends"))
    assert made.model == "Regression"
    assert "always saying the mean has an RMSE of" in made.decisions["task"]
    assert "--task" not in made.decisions["task"]


def test_several_numbers_have_the_mean_of_their_errors(people, table_of_people):
    frame = table_of_people.with_columns(twice=2 * pl.col("spends"))
    frame.write_csv("people.csv")
    one = plan(Request("people.csv", "spends")).decisions["task"]
    both = plan(Request("people.csv", ["spends", "twice"])).decisions
    assert "'spends', 'twice' are numbers; always" in both["task"]
    errors = [float(told.split("RMSE of ")[1].split()[0]) for told in (one, both["task"])]
    assert errors[1] == pytest.approx(1.5 * errors[0], rel=1e-2)
    assert "with the target's range in each" in both["split"]


def test_codes_may_be_numbers_after_all(people, table_of_people):
    table_of_people.with_columns(stars=pl.int_range(pl.len()) % 5).write_csv("people.csv")
    assert (
        "(--task regression if that is wrong)"
        in plan(Request("people.csv", "stars")).decisions["task"]
    )
    made = plan(Request("people.csv", "stars", task="regression"))
    assert made.model == "Regression"
    assert made.data["task"] == "regression"
    assert "--task" not in made.decisions["task"]


def test_several_labels_a_row(people):
    made = plan(Request("people.csv", "likes"))
    assert made.data["separator"] == "|"
    assert made.summary == "Classification of 'likes', 3 labels"
    assert plan(Request("people.csv", "likes", task="classification")).data.get("separator") is None


def test_groups_and_time(people):
    made = plan(Request("people.csv", "buys", group="height"))
    assert made.data["split"] == {"class_path": "GroupedSplit", "group": "height"}
    assert "no 'height' stands in two of them" in made.decisions["split"]
    made = plan(Request("people.csv", "buys", time="spends"))
    assert made.data["split"] == {"class_path": "TimeSplit", "time": "spends"}
    assert "by 'spends', the last held out" in made.decisions["split"]


def test_a_class_of_one_row_is_trained_on():
    frame = pl.DataFrame({"x": range(61), "kind": ["a", "b"] * 30 + ["lone"]})
    frame.write_csv("lone.csv")
    made = plan(Request("lone.csv", target="kind"))
    assert made.data["split"] == {"rare": "train"}
    assert made.remarks["split"] == "'lone': one row, which is trained on and never tested"


def test_large_images_are_looked_at_smaller(tmp_path):
    from PIL import Image

    for name, side in (("cat", 70), ("dog", 90)):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(10):
            Image.new("RGB", (side, side), (i, 2, 3)).save(tmp_path / "pets" / name / f"{i}.png")
    made = plan(Request(str(tmp_path / "pets")))
    assert (made.datamodule, made.backbone, made.data["size"]) == ("ImageDataModule", "ConvNet", 64)


def test_folders_say_what_is_held_out():
    for part, rows in {"train": 20, "val": 5, "test": 6}.items():
        for kind in ("up", "down"):
            folder = Path("letters", part, kind)
            folder.mkdir(parents=True)
            for row in range(rows if kind == "up" else 1):
                (folder / f"{row}.txt").write_text(f"{part} {kind} {row} goes {kind}")
    made = plan(Request("letters"))
    assert made.decisions["split"] == (
        "21 rows to train, 6 to validate, 7 held out: as their folders are called"
    )
    assert "split" not in made.data


def test_texts_and_samples():
    made = plan(Request("sample:reviews"))
    assert (made.datamodule, made.backbone) == ("TextDataModule", "BagOfWords")
    assert plan(Request("sample:digits")).datamodule == "ImageDataModule"
    assert plan(Request("sample:wine")).summary == "Classification of 'cultivar', 3 classes"


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request("people.csv", "bys"), "--data.target: people.csv has no column 'bys'"),
        (Request("people.csv"), "people.csv: which column is to be predicted?"),
        (Request("people.csv", "buys", text="txt"), "--data.text: people.csv has no column 'txt'"),
        (Request("people.csv", "buys", group="g"), "--data.group: people.csv has no column 'g'"),
        (Request("people.csv", "buys", time="t"), "--data.time: people.csv has no column 't'"),
    ],
)
def test_slips(people, request_, said):
    with pytest.raises(UserError) as caught:
        plan(request_)
    assert str(caught.value).startswith(said)
