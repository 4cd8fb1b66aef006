"""Planted wrong labels are found, and nothing but training rows is looked at."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

from datamodules.cleaning import out_of_fold as folds_of
from datamodules.cleaning.noisy_labels import NoisyLabels
from datamodules.cleaning.step import TrainingRows
from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.spec import TargetSpec

WORDS = {"up": ["good", "fine", "warm"], "down": ["bad", "late", "cold"]}


def table_of(rng: np.random.Generator, truth: np.ndarray) -> Records:
    """Two numbers that follow the class, one with gaps, and a category that nearly tells it."""
    wide = rng.normal(size=len(truth)) + 5 * truth
    gaps = [None if row % 7 == 0 else float(x) for row, x in enumerate(rng.normal(size=len(truth)))]
    town = np.where(rng.random(len(truth)) < 0.9, truth, 1 - truth)
    frame = {
        "wide": wide,
        "gaps": gaps,
        "town": [f"town{t}" for t in town],
        "id": range(len(truth)),
    }
    return Records(pl.DataFrame(frame), "people.csv")


def texts_of(rng: np.random.Generator, truth: np.ndarray) -> Records:
    texts = [" ".join(rng.choice([*WORDS[("down", "up")[t]], "tea"], 6)) for t in truth]
    return Records(pl.DataFrame({"says": texts}), "says.csv", text="says")


def images_of(rng: np.random.Generator, truth: np.ndarray) -> Records:
    images = rng.integers(0, 90, (len(truth), 3, 40, 36), dtype=np.uint8)
    for image, kind in zip(images, truth, strict=True):
        image[:, 8:30, 10 + 8 * kind : 18 + 8 * kind] += 120
    frame = pl.DataFrame({"path": [f"image{row}.png" for row in range(len(truth))]})
    return Records(frame, "images", images=torch.from_numpy(images), names="path")


MAKERS = {"table": table_of, "texts": texts_of, "images": images_of}


def planted(kind: str = "table", rows: int = 200) -> tuple[TrainingRows, np.ndarray]:
    """Return training rows of which twelve have a wrong label, and the numbers of these."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 2 * rows)
    records = MAKERS[kind](rng, truth)
    train = np.arange(0, 2 * rows, 2)
    wrong = np.sort(rng.choice(train, 12, replace=False))
    truth[wrong] = 1 - truth[wrong]
    columns = [name for name in records.frame.columns if name not in ("id", "path")]
    spec = TargetSpec("binary", ["down", "up"])
    target = torch.from_numpy(truth[train])
    return TrainingRows(records, train, target, spec, columns, records.text), wrong


@pytest.mark.parametrize("kind", MAKERS)
def test_planted_labels_are_found(kind):
    training, wrong = planted(kind)
    cleaned = NoisyLabels().fit(training)
    assert len(np.intersect1d(cleaned.rows, wrong)) >= 9
    assert len(cleaned.rows) <= 14
    assert not len(cleaned.drop)
    assert cleaned.step == "NoisyLabels"
    assert (np.diff(cleaned.rows) > 0).all()


@pytest.mark.parametrize("column", ["wide", "town"])
def test_columns_of_one_kind_are_enough(column):
    training, wrong = planted()
    cleaned = NoisyLabels().fit(replace(training, columns=[column]))
    assert len(np.intersect1d(cleaned.rows, wrong)) >= 6


def test_the_table_has_the_worst_first_with_what_is_likelier():
    training, wrong = planted()
    table = NoisyLabels().fit(training).table
    assert table is not None
    assert table.columns == ["row", "label", "suggested", "quality", "p(label)", "p(suggested)"]
    assert table["quality"].is_sorted()
    assert set(table["row"].head(6)) <= set(wrong.tolist())
    places = np.searchsorted(training.rows, table["row"].to_numpy())
    given = [training.spec.names[label] for label in training.target[places].tolist()]
    assert table["label"].to_list() == given
    assert (table["label"] != table["suggested"]).all()
    assert (table["p(label)"] < table["p(suggested)"]).all()


def test_the_note_counts_and_names_three():
    training, _ = planted()
    cleaned = NoisyLabels().fit(training)
    assert cleaned.table is not None
    assert cleaned.note.startswith(f"{len(cleaned.rows)} of 200 training labels look wrong (row ")
    assert cleaned.note.count("rather") == 3
    first = cleaned.table.row(0, named=True)
    told = f"(row {first['row'] + 1} is '{first['label']}', rather '{first['suggested']}'"
    assert told in cleaned.note
    assert cleaned.note.endswith("): kept")
    named = NoisyLabels().fit(planted("images")[0])
    assert named.table is not None
    assert f"'image{named.table['row'][0]}.png' is " in named.note


def test_dropping_leaves_them_out():
    training, _ = planted()
    reported, dropped = NoisyLabels().fit(training), NoisyLabels("drop").fit(training)
    assert (dropped.rows == reported.rows).all()
    assert (dropped.drop == dropped.rows).all()
    assert dropped.note.endswith("): left out of training")


def test_a_share_takes_the_rows_of_lowest_quality():
    training, wrong = planted()
    cleaned = NoisyLabels(share=0.05).fit(training)
    assert len(cleaned.rows) == 10
    assert len(np.intersect1d(cleaned.rows, wrong)) >= 9


@pytest.mark.parametrize("kind", MAKERS)
def test_other_rows_and_columns_are_not_looked_at(kind):
    training, _ = planted(kind)
    before = NoisyLabels().fit(training)
    frame = training.records.frame.with_row_index("place")
    odd = pl.col("place") % 2 == 1
    spoilt = frame.with_columns(
        pl.when(odd).then(pl.lit(None)).otherwise(pl.col(name)).alias(name)
        for name in frame.columns
        if name != "place"
    ).drop("place")
    if "id" in spoilt.columns:
        spoilt = spoilt.with_columns(id=pl.lit(0))
    images = training.records.images
    if images is not None:
        images = images.clone()
        images[1::2] = 255
    after = NoisyLabels().fit(
        replace(training, records=replace(training.records, frame=spoilt, images=images))
    )
    assert before.table is not None
    assert after.table is not None
    assert before.table.equals(after.table)


def test_no_row_is_judged_by_a_model_that_learnt_from_it(monkeypatch):
    training, _ = planted()
    asked_of = []

    def model(records, train, labels, asked):
        assert not len(np.intersect1d(train, asked))
        assert len(train) + len(asked) == len(training.rows)
        asked_of.append(asked)
        return np.full((len(asked), 2), 0.5)

    monkeypatch.setattr(folds_of, "classifier_for", lambda training, seed: model)
    assert not NoisyLabels(folds=4).fit(training).note
    assert len(asked_of) == 4
    assert (np.sort(np.concatenate(asked_of)) == training.rows).all()


def test_folds_have_as_much_of_each_class():
    labels = np.repeat([0, 1, 2], [50, 21, 4])
    fold_of = folds_of.dealt(labels, 5, seed=1)
    for name in range(3):
        counts = np.bincount(fold_of[labels == name], minlength=5)
        assert counts.max() - counts.min() <= 1
    assert not (fold_of == folds_of.dealt(labels, 5, seed=2)).all()


def test_a_class_of_fewer_rows_than_folds_is_left_alone():
    training, _ = planted()
    target = training.target.clone()
    target[:3] = 2
    rare = replace(training, target=target, spec=TargetSpec("multiclass", ["a", "b", "rare"]))
    cleaned = NoisyLabels(share=0.5).fit(rare)
    assert len(cleaned.rows) == 100
    for found in (cleaned, NoisyLabels().fit(rare)):
        assert not set(training.rows[:3].tolist()) & set(found.rows.tolist())
    few = replace(training, rows=training.rows[:4], target=target[:4], spec=rare.spec)
    assert NoisyLabels().fit(few).note == ""


def test_texts_without_a_common_word_say_nothing():
    training, _ = planted("texts", rows=20)
    frame = pl.DataFrame({"says": [f"w{row}" for row in range(40)]})
    strangers = replace(training, records=Records(frame, "says.csv"))
    assert NoisyLabels().fit(strangers).note == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"action": "remove"}, "There is no action 'remove'"),
        ({"folds": 1}, "2 folds or more, but got folds: 1"),
        ({"share": 0.7}, "above 0 and up to 0.5, but got 0.7"),
    ],
)
def test_what_is_out_of_range_is_told(arguments, told):
    with pytest.raises(UserError, match=told):
        NoisyLabels(**arguments)


@pytest.mark.parametrize("kind", ["regression", "multilabel"])
def test_other_targets_are_refused(kind):
    training, _ = planted()
    with pytest.raises(UserError, match=f"people.csv is {kind}: take it out"):
        NoisyLabels().fit(replace(training, spec=TargetSpec(kind, ["a", "b"])))


@pytest.mark.parametrize("columns", [["wide"], ["wide", "gaps"], ["town"]])
def test_a_table_may_have_numbers_alone_or_categories_alone(columns):
    training, wrong = planted()
    found = NoisyLabels().fit(replace(training, columns=columns)).rows
    assert len(set(found) & set(wrong)) >= 6
