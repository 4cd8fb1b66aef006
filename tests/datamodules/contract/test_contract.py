"""What a table looked like in training."""

import datetime as dt
import json

import pandera.polars
import polars as pl
import pytest
import torch

from datamodules.contract.contract import MOST_VALUES, Contract
from datamodules.errors import UserError
from datamodules.records import Records

TRAIN = pl.DataFrame(
    {
        "age": [18, 40, 90],
        "height": [1.5, None, 2.0],
        "city": ["Rome", " Oslo", None],
        "member": [True, False, True],
        "since": [dt.date(2020, 1, 1)] * 3,
        "buys": ["yes", "no", "yes"],
    }
)
CONTRACT = Contract.of(TRAIN, TRAIN.columns[:-1], ["buys"])
NEW = TRAIN.drop("buys")


def checked(frame: pl.DataFrame) -> list[str]:
    return CONTRACT.check(Records(frame, "new.csv"))[1]


def changed(**columns) -> pl.DataFrame:
    return NEW.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


def test_it_is_written_as_pandera_writes_it():
    plain = CONTRACT.as_plain()
    schema = pandera.polars.DataFrameSchema.from_json(json.dumps(plain))
    assert json.loads(schema.to_json() or "") == plain
    assert (
        schema.validate(
            TRAIN.cast({"age": pl.Float64}).with_columns(pl.col("city").str.strip_chars())
        )
        is not None
    )
    assert plain["columns"]["age"] == {
        "dtype": "Float64",
        "in_range": {"min_value": 18, "max_value": 90, "include_min": True, "include_max": True},
    }
    assert plain["columns"]["city"] == {
        "dtype": "String",
        "nullable": True,
        "isin": ["Oslo", "Rome"],
    }
    assert plain["columns"]["buys"]["required"] is False


def test_it_travels_in_a_checkpoint(tmp_path):
    torch.save(vars(CONTRACT), tmp_path / "a.pt")
    assert Contract(**torch.load(tmp_path / "a.pt", weights_only=True)) == CONTRACT


def test_rows_like_those_of_training_are_no_surprise():
    assert checked(NEW) == []
    assert checked(TRAIN) == []
    assert checked(NEW.reverse().with_columns(more=pl.lit(1))) == []


@pytest.mark.parametrize(
    ("frame", "note"),
    [
        (
            changed(age=[20, 500, 600]),
            "'age' is 500 in row 2, outside of what training had, 18 to 90 (and 1 more rows)",
        ),
        (
            changed(city=["Rome", "Oslo", "Olso"]),
            "'city' is 'Olso' in row 3, which training never had. Did you mean 'Oslo'?",
        ),
        (changed(age=[20, 30, None]), "'age' is missing in row 3; in training no row lacked it"),
        (
            changed(member=[True, None, None]),
            "'member' is missing in row 2; in training no row lacked it (and 1 more rows)",
        ),
    ],
)
def test_what_training_never_had_is_told_with_column_row_and_value(frame, note):
    assert checked(frame) == [f"new.csv: {note}"]


def test_many_such_columns_are_told_of_in_short():
    names = [f"x{i}" for i in range(12)]
    contract = Contract.of(pl.DataFrame({name: [0.0, 1.0] for name in names}), names, [])
    rows = pl.DataFrame({name: [5.0] for name in names})
    notes = contract.check(Records(rows, "new.csv"))[1]
    assert len(notes) == 9
    assert notes[-1] == "4 more columns hold what training never had"


def test_rows_come_back_with_the_types_of_training():
    frame = changed(since=["2021-05-06"] * 3, member=[1, 0, 1], age=["20", "30", ""])
    records, _ = CONTRACT.check(Records(frame, "new.jsonl"))
    assert records.frame["since"].to_list() == [dt.date(2021, 5, 6)] * 3
    assert records.frame["member"].to_list() == [True, False, True]
    assert records.frame["age"].to_list() == [20.0, 30.0, None]


def test_a_column_that_is_not_there_is_refused_with_the_likely_one():
    with pytest.raises(UserError) as caught:
        checked(NEW.rename({"age": "Age"}))
    assert str(caught.value).startswith(
        "--data.source: new.csv lacks columns that the model was trained on: 'age'. Did you mean "
        "'Age'? There are: "
    )


def test_columns_of_very_many_words_are_open():
    words = pl.DataFrame({"word": [str(i) + "x" for i in range(MOST_VALUES + 1)]})
    contract = Contract.of(words, ["word"], [])
    assert contract.check(Records(pl.DataFrame({"word": ["new"]}), "new.csv"))[1] == []


def test_images_have_no_columns_to_hold_against():
    assert Contract().check(Records(NEW, "folder"))[1] == []


def test_columns_of_texts_are_open():
    each = [f"text number {i}" for i in range(100)]
    long = ["a" * 200, "b" * 200] * 50
    few = ["red", "blue"] * 50
    contract = Contract.of(
        pl.DataFrame({"each": each, "long": long, "few": few}), ["each", "long", "few"], []
    )
    assert [name for name, told in contract.columns.items() if "isin" in told] == ["few"]


def test_numbers_that_differ_late_are_told_apart():
    contract = Contract.of(pl.DataFrame({"at": [1700000000, 1700000010]}), ["at"], [])
    (note,) = contract.check(Records(pl.DataFrame({"at": [1700000011]}), "new.csv"))[1]
    assert "is 1700000011 in row 1" in note
