"""Texts from a user's own files."""

import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.splits.column import ColumnSplit
from datamodules.text import TextDataModule

GOOD = ["a fine day", "what a fine and sunny day", "good food"]
BAD = ["rain again", "the food was bad", "bad weather and rain again and again"]


def rows() -> pl.DataFrame:
    return pl.DataFrame({"label": ["good", "bad"] * 30, "text": [*GOOD, *BAD] * 10})


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "texts.jsonl"
    rows().write_ndjson(path)
    return path


def prepared(source, **settings) -> TextDataModule:
    data = TextDataModule(str(source), **{"target": "label", **settings})
    data.setup("fit")
    return data


def test_the_only_other_column_is_the_text(texts):
    spec = prepared(texts).spec
    assert spec.target is not None
    assert (spec.target.kind, spec.target.names) == ("binary", ["bad", "good"])
    assert spec.inputs == {"tokens": [7]}
    assert spec.cardinalities["tokens"][0] > 10
    assert spec.vocabulary is not None
    assert spec.vocabulary.startswith("lowercase words sha256:")


def test_one_of_several_columns_must_be_named(tmp_path):
    path = tmp_path / "texts.csv"
    rows().with_columns(title=pl.lit("news"), n=1).write_csv(path)
    with pytest.raises(UserError) as caught:
        prepared(path)
    assert str(caught.value) == (
        f"{path}: which column holds the texts? Say --data.text, one of text, title."
    )
    with pytest.raises(UserError, match=r"^--data\.text: .* no column 'txt'\. Did you mean 'text'"):
        prepared(path, text="txt")
    assert set(prepared(path, text="text").spec.inputs) == {"tokens"}


def test_settings_reach_the_features(texts):
    assert prepared(texts, max_tokens=2).spec.inputs == {"tokens": [2]}
    assert (
        prepared(texts, min_count=1000 // 60).spec.cardinalities["tokens"][0]
        < (prepared(texts, min_count=1).spec.cardinalities["tokens"][0])
    )


def test_rows_without_text_are_left_out_of_training_and_kept_in_prediction(tmp_path):
    path = tmp_path / "gaps.jsonl"
    gap = pl.when(pl.int_range(pl.len()).is_in([3, 59]))
    rows().with_columns(gap.then(None).otherwise("text").alias("text")).write_ndjson(path)
    data = prepared(path)
    assert "left out 2 of 60 rows: no value in 'text'" in data.notes
    data.setup("predict")
    index = torch.cat([batch["index"] for batch in data.predict_dataloader()])
    assert sorted(index.tolist()) == list(range(60))


def test_held_out_texts_bring_no_words(texts, tmp_path):
    part = pl.Series("part", ["train"] * 40 + ["val"] * 10 + ["test"] * 10)
    divided = rows().with_columns(part)
    divided.write_ndjson(texts)
    changed = pl.when(part != "train").then(pl.lit("xylophone " * 50)).otherwise("text")
    divided.with_columns(text=changed).write_ndjson(tmp_path / "other.jsonl")
    first, second = (
        prepared(path, text="text", split=ColumnSplit("part")).spec.as_config()
        for path in (texts, tmp_path / "other.jsonl")
    )
    assert first == second


def test_batches_are_of_similar_length_and_padded_with_zero(texts):
    data = prepared(texts, batch_size=8)
    for batch in [*data.train_dataloader(), *data.val_dataloader()]:
        lengths = (batch["inputs"] != 0).sum(dim=1)
        assert batch["inputs"].shape[1] == lengths.max()
    data.setup("test")
    lengths = [batch["inputs"].shape[1] for batch in data.test_dataloader()]
    assert lengths in (sorted(lengths), sorted(lengths, reverse=True))


def test_the_column_of_training_is_the_text_of_a_file_with_more(texts, tmp_path):
    data = prepared(texts)
    path = tmp_path / "more.csv"
    rows().with_columns(pl.col("text") + " indeed", comment=pl.lit("none")).write_csv(path)
    other = TextDataModule(str(path))
    other.load_state_dict(data.state_dict())
    other.setup("test")
    assert other.split is not None
    assert len(other.split.test) == 60


def test_cells_of_several_labels(tmp_path):
    path = tmp_path / "films.csv"
    genres = ["drama", "drama|war", "war"] * 20
    rows().with_columns(label=pl.Series(genres)).write_csv(path)
    spec = prepared(path, separator="|").spec
    assert spec.target is not None
    assert (spec.target.kind, spec.target.names) == ("multilabel", ["drama", "war"])
