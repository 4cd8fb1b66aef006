"""A table's columns as tensors, fitted on training rows and nothing else."""

import datetime as dt
import io

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.features.categorical import Categorical
from datamodules.features.dates import Dates
from datamodules.features.numeric import Numeric
from datamodules.features.past import Lags
from datamodules.features.steps.pca import PCA
from datamodules.features.steps.scaling import Standard
from datamodules.features.table import TableFeatures
from datamodules.records import Records
from datamodules.splits.splitter import Undivided
from datamodules.splits.stratified import StratifiedSplit
from datamodules.store import Dense

ROWS = 80


def table() -> Records:
    rng = np.random.default_rng(0)
    age = [None if i % 9 == 0 else int(a) for i, a in enumerate(rng.integers(18, 90, ROWS))]
    frame = pl.DataFrame(
        {
            "id": range(ROWS),
            "age": age,
            "city": rng.choice(["Oslo", "Rome", "Bern"], ROWS),
            "code": rng.integers(1, 4, ROWS).astype(float),
            "day": [dt.date(2020, 1, 1) + dt.timedelta(int(d)) for d in rng.integers(0, 40, ROWS)],
            "member": rng.random(ROWS) < 0.5,
            "y": rng.choice(["no", "yes"], ROWS),
        }
    )
    return Records(frame, origin="people.csv")


def new(as_category: tuple[str, ...] = ("code",), skip: tuple[str, ...] = ("y",)) -> TableFeatures:
    return TableFeatures(Numeric([]), Categorical([]), [*as_category], [*skip])


def fitted(records: Records | None = None) -> TableFeatures:
    features = new()
    features.fit(table() if records is None else records)
    return features


def tensors(features: TableFeatures, records: Records) -> dict[str, torch.Tensor]:
    columns = features.columns(records)
    assert all(isinstance(column, Dense) for column in columns.values())
    return {name: column.take(torch.arange(len(records))) for name, column in columns.items()}


def error(features: TableFeatures, frame: pl.DataFrame) -> str:
    with pytest.raises(UserError) as caught:
        features.columns(Records(frame, origin="new.csv"))
    return str(caught.value)


def test_what_a_model_is_told_is_what_it_is_given():
    features = fitted()
    given = tensors(features, table())
    parts = features.parts
    assert parts["inputs"] == {"numeric": [5], "categorical": [3]}
    assert parts["columns"] == {
        "numeric": [
            "age",
            "age is missing",
            "day elapsed days",
            "day sine of weekday",
            "day cosine of weekday",
        ],
        "categorical": ["city", "code", "member"],
    }
    assert parts["cardinalities"] == {"categorical": [4, 4, 3]}
    for name, shape in parts["inputs"].items():
        assert given[name].shape == (ROWS, *shape)
    highest = given["categorical"].amax(dim=0).tolist()
    assert highest == [cardinality - 1 for cardinality in parts["cardinalities"]["categorical"]]
    for column, edges in zip(given["numeric"].T, parts["quantiles"], strict=True):
        assert edges == sorted(set(edges))
        assert (edges[0], edges[-1]) == pytest.approx((float(column.min()), float(column.max())))
    assert features.notes() == [
        "1 column of numbers (age; 1 with missing values, marked), 1 of dates (day), "
        "3 of categories (city, code, member)",
        "dates 'day': elapsed days, sine and cosine of weekday",
        "left out 'id': it numbers the rows",
    ]


def test_codes_are_categories_whatever_type_they_come_in():
    features = fitted()
    given = tensors(features, table())["categorical"]
    assert given[:, 1].gt(0).all()
    for dtype in (pl.Int64, pl.Float64):
        frame = table().frame.with_columns(pl.col("code").cast(dtype))
        assert torch.equal(tensors(features, Records(frame, "new.csv"))["categorical"], given)


@pytest.mark.parametrize(
    ("drop", "left"), [(["age", "day"], "categorical"), (["city", "member", "code"], "numeric")]
)
def test_a_kind_of_column_that_is_not_there_is_no_input(drop, left):
    records = Records(table().frame.drop(drop), "people.csv")
    features = new(as_category=())
    features.fit(Records(records.frame.drop("code", strict=False), "people.csv"))
    assert list(features.parts["inputs"]) == [left]
    assert list(features.columns(records)) == [left]
    assert ("quantiles" in features.parts) == (left == "numeric")


def test_state_travels_in_a_checkpoint():
    features = fitted()
    file = io.BytesIO()
    torch.save(features.state_dict(), file)
    file.seek(0)
    other = new(as_category=(), skip=())
    other.load_state_dict(torch.load(file, weights_only=True))
    expected = tensors(features, table())
    found = tensors(other, table())
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert other.parts == features.parts
    assert other.notes() == features.notes()
    assert other.state_dict() == features.state_dict()


HELD_OUT = st.fixed_dictionaries(
    {
        "age": st.none() | st.integers(-(10**9), 10**9),
        "city": st.none() | st.sampled_from(["Oslo", "Lima", ""]),
        "code": st.none() | st.floats(),
        "day": st.none() | st.dates(),
        "member": st.none() | st.booleans(),
    }
)


@given(st.data())
@settings(deadline=None, max_examples=30)
def test_no_held_out_row_changes_what_was_fitted(data):
    records = table()
    strata = (records.frame["y"] == "yes").to_numpy().astype(int)
    split = StratifiedSplit()(Undivided.of(records, strata=strata))
    expected = fitted(records.take(split.train)).state_dict()
    row = data.draw(st.sampled_from([*split.val, *split.test]))
    rows = records.frame.to_dicts()
    rows[row] |= data.draw(HELD_OUT)
    changed = Records(pl.DataFrame(rows, schema=records.frame.schema), "people.csv")
    features = fitted(changed.take(split.train))
    assert features.state_dict() == expected
    for values in tensors(features, changed).values():
        assert values.isfinite().all()


def test_a_training_row_does_change_it():
    frame = table().frame.with_columns(age=pl.col("age") + 1)
    assert fitted(Records(frame, "people.csv")).state_dict() != fitted().state_dict()


def test_new_rows_need_neither_target_nor_what_was_left_out():
    features = fitted()
    frame = table().frame
    fewer = tensors(features, Records(frame.select(reversed(features_of(frame))), "new.csv"))
    whole = tensors(features, table())
    assert all(torch.equal(fewer[name], whole[name]) for name in whole)


def features_of(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name not in ("id", "y")]


def test_no_rows_give_no_rows():
    given = tensors(fitted(), Records(table().frame.clear(), "new.csv"))
    assert {name: values.shape[0] for name, values in given.items()} == {
        "numeric": 0,
        "categorical": 0,
    }


def test_a_file_whose_column_is_empty_is_read():
    # as sources.missing.plain_types gives it: strings without a value
    nothing = pl.lit(None, dtype=pl.String)
    frame = table().frame.with_columns(age=nothing, day=nothing, city=nothing, member=nothing)
    given = tensors(fitted(), Records(frame, "new.csv"))
    assert given["numeric"][:, [0, 2]].abs().max() < 0.05  # the training median
    assert given["numeric"][:, 1].eq(1).all()
    assert given["numeric"][:, 3:].eq(0).all()  # a date that is not there is nowhere in the week
    assert given["categorical"][:, [0, 2]].eq(0).all()


def test_a_column_that_is_not_there_is_told():
    assert error(fitted(), table().frame.select("age", "city")) == (
        "new.csv: the model was trained on columns that are not there: day, code, member. "
        "There are: age, city."
    )


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("age", ["31", "thirty"], "numbers in training and holds String here, such as 'thirty'."),
        ("age", [None, [31]], "numbers in training and holds List(Int64) here, such as '[31]'."),
        (
            "age",
            [dt.date(2020, 1, 2)] * 2,
            "numbers in training and holds Date here, such as '2020-01-02'.",
        ),
        ("day", [18_000, 1], "dates in training and holds Int64 here, such as '18000'."),
        (
            "day",
            ["2 May", "2020-01-01"],
            "dates in training and holds String here, such as '2 May'.",
        ),
        (
            "city",
            [["Oslo"], None],
            "categories in training and holds List(String) here, such as '['Oslo']'.",
        ),
    ],
)
def test_a_column_of_another_kind_is_told(name, values, told):
    frame = table().frame.head(2).with_columns(pl.Series(name, values, strict=False))
    assert error(fitted(), frame) == f"new.csv: column '{name}' held {told}"


@pytest.mark.parametrize("rows", [1, ROWS])
def test_nothing_to_learn_from_is_told(rows):
    frame = table().frame.select("id", "y").head(rows)
    reason = "it has one value" if rows == 1 else "it numbers the rows"
    with pytest.raises(UserError) as caught:
        new(as_category=()).fit(Records(frame, "people.csv"))
    assert str(caught.value) == (f"people.csv: no column is left to learn from ('id': {reason}).")
    with pytest.raises(UserError, match=r"no column is left to learn from\.$"):
        new(as_category=()).fit(Records(frame.select("y"), "people.csv"))


def test_lists_cannot_be_made_categories():
    frame = pl.DataFrame({"x": [[1], [2]], "z": ["a", "b"]})
    features = new(as_category=("x",), skip=())
    features.fit(Records(frame, "people.csv"))
    assert features.left_out == {"x": "its values are of type List(Int64)"}


def table_with(named, leave_out=("y",)) -> TableFeatures:
    features = TableFeatures(Numeric([]), Categorical([]), [], [*leave_out], named)
    features.fit(table())
    return features


def test_named_features_come_first_and_what_they_name_is_not_picked():
    features = table_with(
        [
            Categorical("city", "one_hot"),
            Numeric(["age"], "mean", steps=[Standard()]),
            Lags("age", "day", lags=2, indicators=False),
        ]
    )
    names = ["city is Bern", "city is Oslo", "city is Rome", "age", "age is missing", "age lag 2"]
    assert features.parts["columns"]["numeric"][:7] == [*names, "code"]
    assert features.parts["columns"]["categorical"] == ["member"]
    given = tensors(features, table())
    assert given["numeric"].shape == (ROWS, features.parts["inputs"]["numeric"][0])
    assert given["numeric"][:, :3].sum(dim=1).eq(1).all()
    assert len(features.parts["quantiles"]) == given["numeric"].shape[1]
    assert features.used == ["city", "age", "day", "code", "member"]
    assert features.notes()[0] == (
        "Categorical of 'city', Numeric of 'age', Lags of 'age', 1 column of numbers (code), "
        "1 of dates (day), 1 of categories (member)"
    )


def test_only_kinds_of_columns_that_are_there_are_told():
    features = new(as_category=(), skip=())
    features.fit(Records(table().frame.select("day"), "rows.csv"))
    assert features.notes()[0] == "1 column of dates (day)"
    features.fit(Records(table().frame.select("city", "day"), "rows.csv"))
    assert features.notes()[0] == "1 column of dates (day), 1 of categories (city)"


def test_the_past_of_a_target_may_be_seen_and_need_not_be_known():
    records = table()
    frame = records.frame.with_columns(y=pl.col("id") * 2.0)
    features = TableFeatures(
        Numeric([]), Categorical([]), [], ["y"], [Lags("y", "id", steps=[], indicators=False)]
    )
    features.fit(Records(frame, "people.csv"))
    assert "y" not in features.used
    assert tensors(features, Records(frame, "people.csv"))["numeric"][1:, 0].tolist() == (
        frame["y"][:-1].to_list()
    )
    new = frame.head(2).drop("y").with_columns(id=pl.Series([ROWS, ROWS + 1]))
    assert tensors(features, Records(new, "new.csv"))["numeric"][0, 0] == frame["y"][-1]
    with pytest.raises(UserError, match="columns that are not there: id"):
        features.columns(Records(new.drop("id"), "new.csv"))


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ([Numeric(["aeg"])], r"^--data\.features \(Numeric\): .* 'aeg'. Did you mean 'age'"),
        ([Lags("age", "dya")], "Lags.* has no column 'dya'. Did you mean 'day'"),
        ([Categorical("y")], "Categorical cannot be made of column 'y': it is the target or"),
        ([Numeric(["age"]), Categorical("age")], "'age' stands in both Numeric and Categorical"),
        ([Numeric(["age"]), Numeric(["age"])], "'age' stands in both Numeric and Numeric"),
        (
            [Numeric("city", steps=[Standard()])],
            "column 'city' holds words, such as '.*', and Standard needs numbers",
        ),
        ([Dates("city")], "column 'city' does not hold dates"),
        ([Numeric([])], r"^--data\.features \(Numeric\): the list of columns is empty"),
    ],
)
def test_a_column_that_cannot_be_had_is_told(named, told):
    with pytest.raises(UserError, match=told):
        table_with(named)


def test_a_code_named_twice_is_told():
    features = TableFeatures(Numeric([]), Categorical([]), ["code"], ["y"], [Numeric("code")])
    with pytest.raises(UserError, match=r"'code' stands in both --data.categories and Numeric"):
        features.fit(table())


def test_named_features_travel_in_a_checkpoint():
    features = table_with([Numeric(["age"], "mean", steps=[Standard(), PCA(1)]), Dates("day")])
    file = io.BytesIO()
    torch.save(features.state_dict(), file)
    file.seek(0)
    other = TableFeatures(Numeric([], steps=[Standard()]), Categorical([]), [], [])
    other.load_state_dict(torch.load(file, weights_only=True))
    expected, found = tensors(features, table()), tensors(other, table())
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert other.state_dict() == features.state_dict()
    assert other.used == features.used


def test_numbers_beyond_float32_are_its_largest():
    frame = pl.DataFrame({"x": [1.0, 2.0, 1e300], "z": ["a", "b", "a"]})
    features = TableFeatures(Numeric([], steps=[]), Categorical([]), [], [])
    features.fit(Records(frame, "here"))
    assert tensors(features, Records(frame, "here"))["numeric"].isfinite().all()


TRUTHS = [[True, False] * 40, ["true", "False"] * 40, [1, 0] * 40, ["1", "0"] * 40]


@pytest.mark.parametrize("train", TRUTHS)
@pytest.mark.parametrize("new", TRUTHS)
def test_truth_is_the_same_whatever_a_file_spells(train, new):
    features = TableFeatures(Numeric([]), Categorical([]), [], [])
    features.fit(Records(pl.DataFrame({"x": train}), "people.csv"))
    expected = tensors(features, Records(pl.DataFrame({"x": train}), "people.csv"))
    found = tensors(features, Records(pl.DataFrame({"x": new}), "new.csv"))
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_of_many_rows_some_tell_the_quantiles_for_embeddings(monkeypatch):
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"x": rng.normal(size=2000), "y": ["no", "yes"] * 1000})
    whole, sampled = new(as_category=()), new(as_category=())
    whole.fit(Records(frame, origin="x.csv"))
    monkeypatch.setattr("datamodules.features.table.ENOUGH", 1000)
    sampled.fit(Records(frame, origin="x.csv"))
    theirs, ours = (np.array(features.parts["quantiles"][0]) for features in (whole, sampled))
    assert not np.array_equal(theirs, ours)
    assert np.abs(theirs - ours)[3:-3].max() < 0.2
    note = "quantiles of numbers for a model's embeddings are of 1,000 rows"
    assert note in sampled.notes()
    assert note not in whole.notes()
    assert whole.picked[0].state_dict() == sampled.picked[0].state_dict()  # scales are of all rows


def test_ids_take_no_more_bits_than_they_need():
    features = fitted()
    ids = features.columns(table())["categorical"]
    assert isinstance(ids, Dense)
    assert ids.values.dtype == torch.int8
    assert ids.take(torch.tensor([0])).dtype == torch.int64


def test_numbers_alone_have_no_ids():
    features = new(as_category=(), skip=())
    frame = pl.DataFrame({"age": [1.5, 2.5, 4.0]})
    features.fit(Records(frame, "a.csv"))
    assert features.ids(frame).shape == (3, 0)
