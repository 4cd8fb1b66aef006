"""Categories as numbers, beside scikit-learn's, and the same whatever type a file gives them."""

import datetime as dt
import io

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from datamodules.errors import UserError
from datamodules.features.categorical import Categorical
from datamodules.features.values import as_text

NAN = float("nan")


def fitted(frame: pl.DataFrame, min_count: int = 1) -> Categorical:
    features = Categorical(frame.columns, min_count=min_count)
    features.fit(frame, "here")
    return features


def given(features: Categorical, frame: pl.DataFrame) -> torch.Tensor:
    """Return the ids as a model is given them, (N, K)."""
    return torch.from_numpy(np.stack([column.to_numpy() for column in features.ids(frame)], axis=1))


def ids(features: Categorical, values: object, **schema) -> list[int]:
    frame = pl.DataFrame({features.columns[0]: values}, **schema)
    return [int(number) for number in given(features, frame)[:, 0]]


def test_ids_equal_scikit_learns_after_the_unseen():
    rng = np.random.default_rng(0)
    train, new = rng.choice(list("abcdefgh"), (2, 500, 2), p=[0.3, 0.3, 0.3, *[0.02] * 5])
    theirs = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    theirs.fit(train[np.isin(train, ["a", "b", "c"]).all(axis=1)])
    ours = fitted(pl.DataFrame(train, schema=["x", "y"]), min_count=100)
    for rows in (train, new):
        found = given(ours, pl.DataFrame(rows, schema=["x", "y"]))
        assert found.dtype == torch.int64
        assert np.array_equal(found.numpy(), theirs.transform(rows) + 1)
    assert ours.cardinalities == [4, 4]


def test_rare_and_unseen_share_the_first_id_and_missing_has_its_own():
    train = ["a"] * 3 + ["b"] * 2 + [None] * 3
    features = fitted(pl.DataFrame({"x": train}), min_count=3)
    assert features.categories == [[None, "a"]]
    assert ids(features, ["a", "b", "new", None]) == [2, 0, 0, 1]
    assert features.cardinalities == [3]
    whole = fitted(pl.DataFrame({"x": ["a", "b"]}))
    assert ids(whole, [None, "b", "c"]) == [0, 2, 0]


def test_a_column_may_have_no_common_category():
    features = fitted(pl.DataFrame({"x": ["a", "b"]}), min_count=3)
    assert features.cardinalities == [1]
    assert ids(features, ["a", "z", None]) == [0, 0, 0]


@pytest.mark.parametrize("name", ["rows", "category", "count", "literal", ""])
def test_a_column_may_have_any_name(name):
    features = fitted(pl.DataFrame({name: ["a", "a", "b"]}))
    assert ids(features, ["b", "a"]) == [2, 1]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([3, None, 10], ["3", None, "10"]),
        ([3.0, NAN, 2.5, float("inf"), None], ["3", None, "2.5", None, None]),
        (["3", " x ", "", " ", None, "3.0"], ["3", "x", None, None, None, "3.0"]),
        ([True, False, None], ["true", "false", None]),
        (pl.Series(["a", None], dtype=pl.Categorical), ["a", None]),
        (pl.Series(["a", None], dtype=pl.Enum(["a"])), ["a", None]),
        ([dt.date(2020, 1, 2)], ["2020-01-02"]),
        ([None, None], [None, None]),
        (pl.Series([None], dtype=pl.List(pl.Int64)), [None]),
    ],
)
def test_values_are_spelt_alike_whatever_their_type(values, text):
    spelt = as_text(pl.Series("x", values))
    assert spelt.name == "x"
    assert spelt.dtype == pl.String
    assert spelt.to_list() == text


def test_codes_of_another_type_are_the_same_categories():
    features = fitted(pl.DataFrame({"code": [1, 2, 10]}))
    assert features.categories == [["1", "10", "2"]]
    for column in ([10, 1], [10.0, 1.0], ["10", " 1"]):
        assert ids(features, column) == [2, 1]


def test_a_column_without_a_value_may_have_any_type():
    features = fitted(pl.DataFrame({"x": ["a", None]}))
    for dtype in (pl.Null, pl.String, pl.Float64, pl.List(pl.Int64)):
        schema = {"x": dtype}
        assert ids(features, [None, None], schema=schema) == [1, 1]
        assert features.misfits(pl.DataFrame({"x": [None]}, schema=schema)) == {}
        assert given(features, pl.DataFrame({"x": []}, schema=schema)).shape == (0, 1)


def test_lists_are_misfits():
    features = fitted(pl.DataFrame({"x": ["a", "b"], "y": ["a", "b"]}))
    misfits = features.misfits(pl.DataFrame({"x": [None, ["a"]], "y": [1, 2]}))
    assert {name: values.to_list() for name, (_, values) in misfits.items()} == {"x": [["a"]]}


def test_state_travels_in_a_checkpoint():
    train = pl.DataFrame({"x": ["a", "b", None, "a"], "y": [1, 2, 2, 2]})
    features = fitted(train)
    file = io.BytesIO()
    torch.save(features.state_dict(), file)
    file.seek(0)
    other = Categorical([])
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(given(other, train), given(features, train))
    assert other.cardinalities == features.cardinalities


CELLS = st.lists(st.none() | st.sampled_from(["a", "b", "c", "10", "9"]), min_size=1, max_size=30)


def numbers(features: Categorical, values) -> dict[str, list[float]]:
    frame = pl.DataFrame({"x": values}, schema={"x": pl.String})
    columns = [column.tolist() for column in features.numbers(frame, "here")]
    return dict(zip(features.names, columns, strict=True))


@over(train=CELLS, new=CELLS)
@settings(deadline=None)
def test_one_hot_equals_scikit_learn(train, new):
    theirs = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    theirs.fit(np.array(train, dtype=object)[:, None])
    ours = Categorical("x", "one_hot", min_count=1)
    ours.fit(pl.DataFrame({"x": train}, schema={"x": pl.String}), "here")
    names = ["x is missing" if c is None else f"x is {c}" for c in theirs.categories_[0]]
    for values in (train, new):
        expected = theirs.transform(np.array(values, dtype=object)[:, None])
        assert numbers(ours, values) == dict(zip(names, expected.T.tolist(), strict=True))


@over(train=CELLS, new=CELLS)
@settings(deadline=None)
def test_ordinal_equals_scikit_learn(train, new):
    theirs = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    words = [f"v{cell}" for cell in train]
    theirs.fit(np.array(words, dtype=object)[:, None])
    ours = Categorical("x", "ordinal", min_count=1, steps=[])
    ours.fit(pl.DataFrame({"x": words}), "here")
    for values in (words, [f"v{cell}" for cell in new]):
        expected = theirs.transform(np.array(values, dtype=object)[:, None])[:, 0]
        assert numbers(ours, values) == {"x": expected.tolist()}


@over(train=CELLS, new=CELLS)
@settings(deadline=None)
def test_the_most_frequent_stands_for_a_gap_as_in_scikit_learn(train, new):
    train = [*train, "a", "a"]
    theirs = SimpleImputer(strategy="most_frequent", missing_values=None)
    theirs.fit(np.array(train, dtype=object)[:, None])
    ours = Categorical("x", "one_hot", min_count=1, fill="most_frequent")
    ours.fit(pl.DataFrame({"x": train}, schema={"x": pl.String}), "here")
    filled = theirs.transform(np.array(new, dtype=object)[:, None])[:, 0].tolist()
    assert numbers(ours, new) == numbers(ours, filled)
    assert "x is missing" not in ours.names


def test_a_word_may_stand_for_a_gap():
    features = Categorical("x", min_count=1, fill="none")
    features.fit(pl.DataFrame({"x": ["a", None, "none"]}), "here")
    assert features.categories == [["a", "none"]]
    assert ids(features, [None, "none", "a"]) == [2, 2, 1]


def test_places_are_those_of_an_order_or_of_numbers():
    sizes = pl.DataFrame({"x": ["low", "high", "mid", "odd", None] * 3})
    ordered = Categorical("x", "ordinal", order=["low", "mid", "high", "huge"], steps=[])
    ordered.fit(sizes, "here")
    found = numbers(ordered, ["low", "mid", "high", "huge", "odd", None])
    assert found == {"x": [0, 1, 2, -1, -1, -1]}
    counted = Categorical("x", "ordinal", min_count=1, steps=[])
    counted.fit(pl.DataFrame({"x": ["10", "9", "2.5", None]}), "here")
    assert numbers(counted, ["2.5", "9", "10", None, "3"]) == {"x": [0, 1, 2, 3, -1]}


def test_places_are_scaled_by_default():
    features = Categorical("x", "ordinal", min_count=1)
    features.fit(pl.DataFrame({"x": ["a", "b", "c"]}), "here")
    assert numbers(features, ["b", "c"])["x"] == pytest.approx([0, 1.5**0.5])


TRUTHS = [
    [True, False],
    ["True", "False"],
    ["true", "false"],
    ["TRUE", "FALSE"],
    [1, 0],
    [1.0, 0.0],
]


@pytest.mark.parametrize("train", [*TRUTHS, ["1", "0"]])
@pytest.mark.parametrize("new", [*TRUTHS, ["1", "0"]])
def test_truth_is_the_same_category_in_any_spelling(train, new):
    features = fitted(pl.DataFrame({"x": train}))
    assert ids(features, new) == ids(features, train) == [2, 1]


def test_words_that_are_no_truth_keep_their_capitals():
    features = fitted(pl.DataFrame({"x": ["true", "false", "maybe"]}))
    assert ids(features, ["True", "true", "1"]) == [0, 3, 0]


ORDER: list[str | int | float] = ["low", "mid", "high"]


def test_what_an_order_leaves_out_is_told():
    frame = pl.DataFrame({"size": ["low", "middle", "high", "low", None]})
    features = Categorical("size", "ordinal", min_count=1, order=ORDER)
    features.fit(frame, "here")
    assert features.notes() == [
        "'size' holds 'middle', which the order leaves out: taken as unseen. Did you mean 'mid'?"
    ]
    features.fit(frame.with_columns(size=pl.lit("mid")), "here")
    assert features.notes() == []
    with pytest.raises(UserError, match=r"^here: column 'size' holds none of .* high, but 'huge'"):
        features.fit(frame.with_columns(size=pl.lit("huge")), "here")


@pytest.mark.parametrize("encoding", ["embedding", "one_hot", "ordinal"])
def test_a_column_of_rare_categories_alone_is_told(encoding):
    features = Categorical("word", encoding, min_count=3)
    features.fit(pl.DataFrame({"word": ["a", "a", "b"]}), "here")
    assert features.notes() == [
        "'word' tells nothing: each of its categories is in fewer than 3 training rows (min_count)"
    ]


def test_no_category_is_in_fewer_rows_than_one():
    with pytest.raises(UserError, match="at least 1 row, but min_count is 0"):
        Categorical("word", min_count=0)


def test_a_config_may_write_codes_as_numbers():
    frame = pl.DataFrame({"class": [3, 1, 2, None]})
    features = Categorical("class", "ordinal", 1, fill=2, order=[3, 2.0, "1"], steps=[])
    features.fit(frame, "here")
    (places,) = features.numbers(frame, "here")
    assert places.tolist() == [0, 2, 1, 1]
    assert features.order == ["3", "2", "1"]
