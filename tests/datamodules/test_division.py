"""Rows divided by every splitter."""

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.division import divide, plain
from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.by_time import TimeSplit
from datamodules.splits.k_fold import KFold
from datamodules.splits.random import RandomSplit
from datamodules.splits.split import Split
from datamodules.splits.stratified import StratifiedSplit
from tests.datamodules.splits.rows import (
    BY_CHANCE,
    BY_TIME,
    EVERY,
    divided,
    is_cut,
    parts,
    parts_by_row,
    table,
)

SEEDS = st.integers(0, 10_000)


@pytest.mark.parametrize("name", EVERY)
@given(SEEDS)
@settings(deadline=None, max_examples=8)
def test_every_row_is_in_one_part_and_copies_stay_together(name, seed):
    frame = table(seed)
    division = divided(EVERY[name], frame)
    told = parts(division.split, len(frame))
    assert name in BY_TIME or (told >= 0).all()
    if name in BY_CHANCE:
        assert not is_cut(told, frame["x"].rank("dense").to_numpy())
    if "grouped" in name:
        assert not is_cut(told, frame["g"].to_numpy())
    kept = told[told >= 0]
    assert division.table.parts.tolist() == kept.tolist()
    assert division.table.about["in_no_part"] == len(told) - len(kept)


@pytest.mark.parametrize("name", EVERY)
@given(SEEDS, st.booleans())
@settings(deadline=None, max_examples=8)
def test_rows_and_columns_in_another_order_have_the_same_parts(name, seed, equal):
    frame = table(seed)
    if equal:  # some rows are so altogether
        frame = frame.drop("id")
        frame = pl.concat([frame[:50], frame[:3]])
    chance = np.random.default_rng(seed)
    moved = frame[chance.permutation(len(frame))].select(chance.permutation(frame.columns))
    one, other = divided(EVERY[name], frame), divided(EVERY[name], moved)
    assert parts_by_row(one.split, frame) == parts_by_row(other.split, moved)
    assert sorted(one.table.hashes.tolist()) == sorted(other.table.hashes.tolist())
    assert one.notes == other.notes


@given(SEEDS, st.floats(0.05, 0.2), st.floats(0, 0.2), st.sampled_from([0, 4]))
@settings(deadline=None, max_examples=40)
def test_strata_are_kept_to_within_a_row(seed, val, test, copies):
    frame = table(seed, 90, copies)
    told = parts(divided(StratifiedSplit(val, test), frame).split, 90)
    strata = frame["y"].to_numpy()
    sizes = np.bincount(strata)
    for part, share in enumerate((1 - val - test, val, test)):
        # a set of copies with several classes may be more of one than its part has room for
        room = 1 if copies == 0 else 3
        assert (np.abs(np.bincount(strata[told == part], minlength=3) - share * sizes) < room).all()


def test_equal_rows_of_a_coarse_table_are_no_copies():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.integers(0, 3, 400), "b": rng.integers(0, 3, 400)})
    rows, strata = np.arange(400), frame["b"].to_numpy()
    division = divide(RandomSplit(), Records(frame, "t.csv"), rows, strata, ["a", "b"])
    assert [len(part) for part in division.split] == [280, 60, 60]
    merged = division.table.about["merged"]
    assert merged["equal_by_nature"]
    assert merged["merged_rows"] == 0
    assert "391 of 400 rows equal another, so many and of so few values" in division.notes[0]


def test_copies_are_told_and_counted():
    frame = table(0, 100, 6)
    division = divided(StratifiedSplit(), frame)
    merged = division.table.about["merged"]
    assert merged["equal_rows"] == 6
    assert not merged["equal_by_nature"]
    assert merged["near_duplicates"] is None
    assert merged["merged_rows"] == merged["merged_clusters"] + 6
    assert division.notes == [
        "6 rows are kept in one part with an earlier one that has the same inputs"
    ]


def test_only_what_a_model_sees_makes_copies():
    frame = table(0, 100, 0).with_columns(x=pl.Series([1.0, *range(99)]), u=pl.lit(0))
    frame = frame.with_columns(x=pl.when(pl.col("id") == 50).then(1.0).otherwise(pl.col("x")))
    division = divided(RandomSplit(0.3, 0.3), frame)
    told = parts(division.split, 100)
    assert told[0] == told[2] == told[50]
    assert division.table.columns == sorted(frame.columns)


def test_images_are_divided_by_their_pixels_whatever_they_are_called():
    rng = np.random.default_rng(0)
    images = torch.from_numpy(rng.integers(0, 256, (40, 1, 4, 4), dtype=np.uint8))
    images[30:] = images[:10]
    names = [f"{row}.png" for row in range(40)]
    frame = pl.DataFrame({"label": ["a", "b"] * 20, "path": names})
    strata = np.arange(40) % 2
    one = divide(
        RandomSplit(0.3, 0.2), Records(frame, "x", images, names="path"), np.arange(40), strata, []
    )
    told = parts(one.split, 40)
    assert (told[30:] == told[:10]).all()
    assert one.table.columns == []
    order = rng.permutation(40)
    other = divide(
        RandomSplit(0.3, 0.2),
        Records(frame, "y", images[torch.from_numpy(order)], names="path"),
        np.arange(40),
        strata,
        [],
    )
    assert (parts(other.split, 40) == told[order]).all()


def test_unusable_rows_are_in_no_part():
    frame = table(0)
    rows = np.arange(1, 60, 2)
    division = divide(
        RandomSplit(),
        Records(frame, "t.csv"),
        rows,
        np.zeros(30, dtype=int),
        ["x"],
        fingerprint="f",
    )
    assert sorted(np.concatenate(division.split).tolist()) == rows.tolist()
    assert (len(division.table.hashes), division.table.fingerprint) == (30, "f")


def test_the_recipe_holds_every_setting():
    told = plain(KFold(4, 1))
    assert told == divided(KFold(4, 1), table(0)).table.recipe
    assert told == {
        "class_path": "datamodules.splits.k_fold.KFold",
        "init_args": {"folds": 4, "fold": 1, "val": 0.15, "seed": 0, "near_duplicates": False},
    }
    assert plain(TimeSplit("t", gap="7d"))["init_args"]["gap"] == "7d"  # type: ignore[index]


class Own(RandomSplit):
    def __call__(self, undivided):
        every = undivided.rows
        return Split(every[:3], every[2:4], every[3:])


def test_parts_that_overlap_are_told():
    with pytest.raises(UserError, match=r"--data.split: Own puts 2 rows into more than one part"):
        divided(Own(), table(0))


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (table(0, 0, 0), "rows.csv: 0 usable rows are too few to train on and hold out."),
        (table(0, 1, 0), "rows.csv: 1 usable rows are too few to hold some of them out: bring"),
    ],
)
def test_too_few_rows_are_told(frame, said):
    with pytest.raises(UserError) as caught:
        divided(RandomSplit(), frame)
    assert said in str(caught.value)


def test_equal_images_are_too_few_to_hold_some_of_them_out():
    records = Records(pl.DataFrame({"y": [0] * 5}), "five", torch.zeros(5, 1, 2, 2).byte())
    with pytest.raises(UserError, match=r"five: 5 usable rows, 1 of them different, are too few"):
        divide(RandomSplit(), records, np.arange(5), np.zeros(5, dtype=int), [])


def test_all_rows_may_be_trained_on():
    assert [len(part) for part in divided(RandomSplit(0, 0), table(0)).split] == [60, 0, 0]


def test_near_duplicates_stay_together_where_that_is_asked():
    values = np.random.default_rng(0).normal(size=(200, 4)).round(5)
    values[100:] = values[:100].round(3)
    frame = pl.DataFrame(values)
    strata = np.zeros(200, dtype=int)
    near = RandomSplit(0.3, 0.3, near_duplicates=True)
    division = divide(near, Records(frame, "x"), np.arange(200), strata, frame.columns)
    told = parts(division.split, 200)
    assert (told[:100] == told[100:]).mean() > 0.9
    assert division.table.about["merged"]["near_duplicates"] > 90
