"""The kind of target follows from its values, unless the user says what the task is."""

import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.targets.pick import check_columns, known_target, pick_target


def kind(values, task=None, separator=None) -> str:
    frame = pl.DataFrame({"y": values})
    target = pick_target(frame, ["y"], task, separator, "rows.csv")
    return target.describe(target.encode(frame, "rows.csv")).kind


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["yes", "no"] * 30, "binary"),
        ([True, False] * 30, "binary"),
        ([0, 1] * 30, "binary"),
        ([0, 1], "binary"),
        ([0.0, 1.0] * 30, "binary"),
        (["a", "b", "c"] * 20, "multiclass"),
        ([1, 2, 3, 4, 5] * 12, "multiclass"),
        ([1.0, 2.0, 3.0] * 20, "multiclass"),
        (list(range(20)) * 10, "multiclass"),
        (list(range(21)) * 10, "regression"),
        ([1, 2, 3, 4, 5] * 5, "regression"),
        ([0.5, 1.5] * 30, "regression"),
        ([1.0, 2.0, 2.5] * 20, "regression"),
        ([["a"], ["b", "a"], []] * 20, "multilabel"),
    ],
)
def test_values_decide(values, expected):
    assert kind(values) == expected


def test_a_separator_makes_labels_of_cells():
    cells = ["a", "a|b", "b"] * 20
    assert kind(cells) == "multiclass"
    assert kind(cells, separator="|") == "multilabel"


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ([0, 1, 1], "multilabel"),
        ([True, False, True], "multilabel"),
        ([0.0, 1.0, 0.0], "multilabel"),
        ([0, 1, 2], "regression"),
        ([0.5, 1.0, 0.0], "regression"),
    ],
)
def test_several_columns_are_labels_if_all_are_marks_and_numbers_if_not(second, expected):
    frame = pl.DataFrame({"a": [1, 0, 1], "b": second})
    target = pick_target(frame, ["a", "b"], None, None, "rows.csv")
    assert target.describe(target.encode(frame, "rows.csv")).kind == expected


@pytest.mark.parametrize(
    ("values", "task", "expected"),
    [
        ([1, 2, 3, 4, 5] * 12, "regression", "regression"),
        ([0, 1] * 30, "regression", "regression"),
        (["1", "2"] * 30, "regression", "regression"),
        ([0.5, 1.0, 1.5] * 20, "classification", "multiclass"),
        (list(range(15)) * 2, "classification", "multiclass"),
    ],
)
def test_the_user_s_task_goes_before_the_values(values, task, expected):
    assert kind(values, task) == expected


def test_classes_in_several_columns_are_refused():
    frame = pl.DataFrame({"a": ["x", "y"], "b": ["x", "y"]})
    with pytest.raises(UserError) as caught:
        pick_target(frame, ["a", "b"], "classification", None, "rows.csv")
    assert str(caught.value) == (
        "rows.csv: classification has one target column, not 2: say task: multilabel if each "
        "column is a label, or regression if they are numbers."
    )


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_lists_are_nothing_but_labels(task):
    with pytest.raises(UserError, match=r"rows\.csv: .*'y' holds lists"):
        kind([["a"], ["b"]] * 10, task)


def test_a_column_that_is_not_there_is_told_with_the_nearest():
    frame = pl.DataFrame({"age": [1], "income": [2]})
    check_columns(frame, ["age", "income"], "target", "rows.csv")
    with pytest.raises(UserError) as caught:
        check_columns(frame, ["age", "incom"], "target", "rows.csv")
    assert str(caught.value) == (
        "--data.target: rows.csv has no column 'incom'. Did you mean 'income'? "
        "Valid: 'age', 'income'."
    )


@pytest.mark.parametrize(
    ("values", "separator"),
    [
        (["a", "b", "c"] * 20, None),
        (["a", "a|b", "b"] * 20, "|"),
        ([["a"], ["b", "a"]] * 20, None),
        ([1.5, 2.5, 3.5] * 20, None),
    ],
)
def test_what_training_learnt_encodes_new_rows_alike(values, separator):
    frame = pl.DataFrame({"y": values})
    target = pick_target(frame, ["y"], None, separator, "rows.csv")
    encoded = target.encode(frame, "rows.csv")
    known = known_target(target.describe(encoded), ["y"], separator)
    assert known.encode(frame[:2], "new.csv").equal(encoded[:2])


def test_names_that_look_like_values_are_told():
    frame = pl.DataFrame({"0.126": [1], "4": [2], "red": ["x"]})
    with pytest.raises(UserError, match="the first line should name the columns"):
        check_columns(frame, ["y"], "target", "rows.csv")
