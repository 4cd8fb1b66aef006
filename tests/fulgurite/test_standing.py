"""Each model counts once at each test set, and a study of several counts once."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from datamodules.examined import examine
from datamodules.records import Records
from fulgurite.ledger import Look
from fulgurite.standing import numbered, resemblance, same_rows, standing

LOOK = Look("", "test", "people/0", "a", "d", "t", 18, {"test/f1": 0.5}, {})


def looks(*models: str | None) -> list[Look]:
    return [replace(LOOK, time=str(n), model=model) for n, model in enumerate(models)]


def test_a_model_keeps_its_number():
    assert numbered(looks("a", "b", "a", "c", "b")) == [1, 2, 1, 3, 2]
    assert numbered(looks("a", None, None, "a", "b")) == [1, 2, 3, 1, 4]


def test_the_last_of_them_is_told_where_it_stands():
    found = looks("a", "b", "a")
    last = standing(found, found[-1])
    assert (last.number, last.again, last.models) == (1, True, 2)
    assert last.sentences() == [
        "This is look 1 of 2 at this test set, had again: the same model was measured on the same "
        "18 rows before."
    ]
    second = standing(found[:2], found[1])
    assert (second.number, second.again, second.models) == (2, False, 2)
    assert second.sentences() == ["This is look 2 at this test set of 18 rows."]


def test_looks_elsewhere_and_looks_in_which_nothing_was_seen():
    found = [
        *looks("a", "b"),
        replace(LOOK, test_set="u", model="c"),
        replace(LOOK, data="e", test_set="v"),
        replace(LOOK, model="d", figures={}, status="failed"),
        replace(LOOK, model="e", status="interrupted"),
        replace(LOOK, model="f"),
    ]
    last = standing(found, found[-1])
    assert (last.number, last.models, last.elsewhere) == (4, 4, 1)
    assert last.sentences()[0].endswith("1 more was at other held-out rows of the same data.")


def test_nearly_the_same_rows_are_one_test_set():
    frame = pl.DataFrame({"x": range(400)})
    first, fewer, half, others = (
        examine(Records(frame, "here"), rows, "d")
        for rows in (np.arange(200), np.arange(190), np.arange(130, 270), np.arange(200, 400))
    )
    look = replace(LOOK, test_set=first.test_set, sample=first.sample(["x"]), columns=["x"])
    assert same_rows([look], first) == first.test_set
    assert same_rows([look], fewer) == first.test_set
    assert same_rows([look], half) == half.test_set
    assert same_rows([look], others) == others.test_set
    assert same_rows([], fewer) == fewer.test_set
    again = replace(LOOK, test_set=fewer.test_set, like=first.test_set, model="b")
    found = standing([look, again], again)
    assert (found.number, found.models, found.nearly) == (2, 2, True)


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [("abcd", "abcd", 1.0), ("abcd", "efgh", 0.0), ("abcd", "abce", 0.75), ("", "ab", 0.0)],
)
def test_the_share_of_rows_in_common(first, second, share):
    assert resemblance(first, second) == share
