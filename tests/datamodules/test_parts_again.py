"""Which part rows have for a model that is trained already."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.parts_again import parts_again, without_seen_rows
from datamodules.records import Records
from datamodules.seen_rows import SeenRows
from datamodules.splits.split import Split
from datamodules.trained import Trained

SPLIT = Split(np.arange(40), np.arange(40, 50), np.arange(50, 60))


def rows(numbers) -> Records:
    """Return rows of which each number is another one, always the same."""
    values = np.random.default_rng(0).normal(size=200).round(6)[list(numbers)]
    return Records(pl.DataFrame({"x": values, "y": 1}), "new.csv")


@pytest.fixture
def trained() -> Trained:
    seen = SeenRows.of(rows(range(60)), SPLIT, ["x"])
    return cast(Trained, SimpleNamespace(split=SPLIT, data="abc", seen=seen))


def again(trained, numbers, fingerprint="xyz") -> tuple[Split, list[str]]:
    new = rows(numbers)
    return parts_again(trained, new, np.arange(len(new)), fingerprint)


def test_rows_of_the_same_data_keep_their_parts(trained):
    assert again(trained, range(60), "abc") == (SPLIT, [])


def test_rows_that_training_has_seen_keep_theirs_wherever_they_stand(trained):
    order = np.random.default_rng(1).permutation(90)
    split, notes = again(trained, order)
    assert [sorted(order[part].tolist()) for part in split] == [
        list(range(40)),
        list(range(40, 50)),
        list(range(50, 90)),
    ]
    assert notes == [
        "WARNING: not the data of the training (fingerprint xyz, trained on abc): 50 rows that "
        "training has seen are not measured, the other 40 are held out"
    ]


def test_only_usable_rows_are_given_a_part(trained):
    split, _ = parts_again(trained, rows(range(60)), np.arange(1, 60, 2), "xyz")
    assert split.test.tolist() == [51, 53, 55, 57, 59]
    assert sum(map(len, split)) == 30


def test_rows_of_which_none_was_seen_are_all_measured(trained):
    split, notes = again(trained, range(100, 120))
    assert [len(part) for part in split] == [0, 0, 20]
    assert notes == [
        "WARNING: not the data of the training (fingerprint xyz, trained on abc): all 20 rows are "
        "measured"
    ]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (
            [100, 7, 45, 101, 0, 1],
            "'new.csv': 4 of its 6 rows are ones that the model was trained on or chosen by (row "
            "2, 3, 5, ...), and figures on them would flatter it: measure it on a file without",
        ),
        ([*range(100, 200), 3], "1 of its 101 rows are ones that the model was trained on"),
        (range(50), "'new.csv': all 50 rows are ones that the model was trained on or chosen by"),
        ([3], "'new.csv': all 1 rows are ones"),
    ],
)
def test_rows_that_would_flatter_the_model_are_told(trained, numbers, said):
    with pytest.raises(UserError) as caught:
        again(trained, numbers)
    assert said in str(caught.value)


def test_where_nobody_can_tell_all_are_measured_and_that_is_told(trained):
    trained.seen = SeenRows()
    split, notes = again(trained, range(60))
    assert [len(part) for part in split] == [0, 0, 60]
    assert notes[0].endswith(
        "all 60 rows are measured, and nobody can tell which of them were trained on"
    )


def refused(trained, numbers, test, fingerprint="xyz") -> list[str]:
    new = rows(numbers)
    held = np.array(test)
    rest = np.setdiff1d(np.arange(len(new)), held)
    split = Split(rest, held[:0], held)
    kept, told = without_seen_rows(trained, new, split, fingerprint)
    assert kept.fingerprint == split.fingerprint
    return told


def test_validation_rows_that_were_trained_on_are_not_measured(trained):
    new = rows(range(60))
    split = Split(np.arange(10, 50), np.array([2, 3, 44, 55]), np.array([56, 57]))
    kept, told = without_seen_rows(trained, new, split, "xyz")
    assert told == []
    assert kept.val.tolist() == [44, 55]
    assert kept.train.tolist() == [2, 3, *range(10, 50)]
    assert kept.test.tolist() == [56, 57]


def test_a_split_that_tests_on_new_rows_alone_will_do(trained):
    assert refused(trained, range(60), range(50, 60), "abc") == []
    assert refused(trained, range(59, -1, -1), range(10)) == []
    assert refused(trained, range(40, 80), range(10, 40)) == []


@pytest.mark.parametrize("fingerprint", ["abc", "xyz"])
@pytest.mark.parametrize(
    ("test", "named"), [([39, 55], "row 40"), ([3, 4, 5, 49], "row 4, 5, 6, ...")]
)
def test_a_split_that_tests_on_rows_that_were_trained_on_is_told(trained, fingerprint, test, named):
    with pytest.raises(UserError) as caught:
        refused(trained, range(60), test, fingerprint)
    told = f"{len([row for row in test if row < 50])} of the {len(test)} test rows of --data.split"
    assert told in str(caught.value)
    assert f"({named})" in str(caught.value)
    assert "the split of its own run (leave --data.split out)" in str(caught.value)


def test_a_split_of_which_nobody_can_tell_is_warned_of(trained):
    trained.seen = SeenRows()
    assert refused(trained, range(60), [3, 4]) == [
        "WARNING: nobody can tell which of the 2 rows were trained on"
    ]
    with pytest.raises(UserError, match="2 of the 2 test rows"):
        refused(trained, range(60), [3, 4], "abc")
