"""The worst rows as a table that a person reads in TensorBoard."""

from pathlib import Path

import polars as pl

from callbacks.pictures.mistakes import contents_of, mistakes_table
from datamodules.features.categorical import Categorical
from datamodules.tabular import TabularDataModule
from datamodules.text import TextDataModule


def test_a_line_for_each_row_with_what_it_is_known_by(classes):
    contents = pl.DataFrame({"text": ["a | b\n<i>", None], "n_x": [1.5, 2.0]})
    assert mistakes_table(classes, [4, 1], contents).splitlines() == [
        "| row | true | predicted | probability of predicted | text | n\\_x |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 14 | cat | bee | 90% | a \\| b &lt;i> | 1.5 |",
        "| 11 | ant | cat | 50% |  | 2.0 |",
    ]


def test_labels_and_numbers_have_headings_of_their_own(labels, numbers):
    table = mistakes_table(labels, [1], None).splitlines()
    assert table[0] == "| row | true | predicted | worst label |"
    assert table[2] == "| 1 | bee | ant \\| bee | ant 60% |"
    assert mistakes_table(numbers, [1], None).splitlines()[0].endswith("| error |")


def test_long_texts_are_cut(classes):
    table = mistakes_table(classes, [0], pl.DataFrame({"text": ["x" * 1000]}))
    assert table.endswith("xxx… |")
    assert len(table) < 400


def test_a_row_of_a_table_is_known_by_its_inputs(people):
    data = TabularDataModule(str(people), target="buys", leave_out="city")
    data.setup("fit")
    contents = contents_of(data, [3, 1])
    assert contents is not None
    assert contents.columns == ["age", "height", "plan", "likes", "spends", "saves"]
    assert contents.rows() == pl.read_csv(people)[[3, 1]].select(contents.columns).rows()


def test_a_row_is_known_by_the_columns_that_its_features_are_made_of(people):
    data = TabularDataModule(
        str(people), target="buys", leave_out=["plan"], features=[Categorical("city", "one_hot")]
    )
    data.setup("fit")
    contents = contents_of(data, [5])
    assert contents is not None
    assert "city" in contents.columns
    assert not {"plan", "buys"} & set(contents.columns)


def test_a_text_is_known_by_itself():
    table = pl.DataFrame({"said": [f"good {n} good" for n in range(40)], "y": ["a", "b"] * 20})
    table.write_csv("texts.csv")
    data = TextDataModule("texts.csv", target="y")
    data.setup("fit")
    contents = contents_of(data, [7])
    assert contents is not None
    assert contents.to_dict(as_series=False) == {"said": ["good 7 good"]}


def test_a_source_that_changed_or_is_gone_tells_nothing(people):
    data = TabularDataModule(str(people), target="buys")
    data.setup("fit")
    lines = Path(people).read_text().splitlines()
    Path(people).write_text("\n".join(lines[:50]))
    assert contents_of(data, [3]) is None
    Path(people).unlink()
    assert contents_of(data, [3]) is None


def test_a_long_source_is_not_read_once_more(people, monkeypatch):
    data = TabularDataModule(str(people), target="buys")
    data.setup("fit")
    assert contents_of(data, [3]) is not None
    monkeypatch.setattr("callbacks.pictures.mistakes.LONGEST_SOURCE", 100)
    assert contents_of(data, [3]) is None
