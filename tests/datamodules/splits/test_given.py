"""Parts that a file tells, and what becomes of rows that it does not know."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.given import (
    SplitFile,
    is_ours,
    refuse_without_training,
    splitter_of,
    with_validation,
)
from datamodules.splits.grouped import GroupedSplit
from datamodules.splits.split import NOWHERE, TEST, TRAIN, VAL
from datamodules.splits.splitter import Splitter, Undivided
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
    undivided,
)

SEEDS = st.integers(0, 10_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all examples of a test may write into."""
    made: Path = tmp_path_factory.mktemp("split")
    return made


def by_id(splitter: Splitter, frame: pl.DataFrame) -> tuple[dict[int, int], list[str]]:
    """Return the part of each row by its number, and the notes."""
    division = divided(splitter, frame)
    told = parts(division.split, len(frame))
    return dict(zip(frame["id"].to_list(), told.tolist(), strict=True)), division.notes


def shuffled(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    return frame[chance.permutation(len(frame))].select(chance.permutation(frame.columns))


@pytest.mark.parametrize("name", EVERY)
@given(SEEDS)
@settings(deadline=None, max_examples=6)
def test_the_same_rows_in_any_order_have_the_parts_of_the_file(folder, name, seed):
    frame = table(seed)
    first = divided(EVERY[name], frame)
    path = first.table.write(folder)
    moved = shuffled(frame, seed)
    again = divided(SplitFile(str(path)), moved)
    assert parts_by_row(again.split, moved) == parts_by_row(first.split, frame)
    assert again.table.recipe == first.table.recipe


@pytest.mark.parametrize("name", EVERY)
@given(SEEDS, st.integers(1, 30))
@settings(deadline=None, max_examples=8)
def test_added_rows_get_a_part_and_move_no_old_row(folder, name, seed, count):
    frame = table(seed, copies=2)
    old, _ = by_id(EVERY[name], frame)
    path = divided(EVERY[name], frame).table.write(folder)
    more = pl.concat([frame, table(seed + 1, count + 3, 0, first=100)])
    # some of the added rows have the inputs of old ones
    more = more.with_columns(
        pl.when(pl.col("id") < 100 + count).then(name).otherwise(frame[name][0]).alias(name)
        for name in ("x", "u")
    )
    now, notes = by_id(SplitFile(str(path)), shuffled(more, seed))
    assert {row: now[row] for row in old if old[row] >= 0} == {
        row: part for row, part in old.items() if part >= 0
    }
    kept, parted = (sum(part >= 0 for part in each.values()) for each in (old, now))
    added = f"; {parted - kept} added rows got one by its recipe" if parted > kept else ""
    assert notes[-1] == f"{kept} rows have the part that '{path}' gives them{added}"
    if name not in BY_TIME:
        assert min(now.values()) >= 0
    copies = {now[row] for row in range(100 + count, 103 + count)}
    if name == "random" or "stratified" in name:
        assert copies == {old[0]}


@pytest.mark.parametrize("name", ["time", "time with a gap", "expanding", "sliding"])
@given(SEEDS)
@settings(deadline=None, max_examples=8)
def test_time_runs_on_where_rows_are_added(folder, name, seed):
    frame = table(seed)
    path = divided(EVERY[name], frame).table.write(folder)
    more = shuffled(pl.concat([frame, table(seed + 1, 30, 0, first=100)]), seed)
    split = divided(SplitFile(str(path)), more).split
    times = more["t"].to_numpy()
    gap = 2 if "gap" in name else 0
    train, val, test = (times[part] for part in split)
    assert train.max() < val.min() - gap + (gap > 0)
    assert val.max() < test.min() - gap + (gap > 0)


@pytest.mark.parametrize("name", ["grouped", "grouped k-fold"])
@given(SEEDS)
@settings(deadline=None, max_examples=8)
def test_added_rows_follow_their_groups(folder, name, seed):
    frame = table(seed, copies=0)
    path = divided(EVERY[name], frame).table.write(folder)
    more = shuffled(pl.concat([frame, table(seed + 1, 30, 0, first=100)]), seed)
    told = parts(divided(SplitFile(str(path)), more).split, len(more))
    assert not is_cut(told, more["g"].to_numpy())


def test_an_added_row_that_joins_two_parts_goes_to_training_and_is_told(tmp_path):
    frame = table(0, copies=0)
    old, _ = by_id(GroupedSplit("g"), frame)
    path = divided(GroupedSplit("g"), frame).table.write(tmp_path)
    one, other = (next(row for row in old if old[row] == part) for part in (VAL, TEST))
    joins = frame[one].with_columns(pl.lit(99, pl.Int64).alias("id"), frame[other]["g"])
    now, notes = by_id(SplitFile(str(path)), pl.concat([frame, joins]))
    assert now[99] == TRAIN
    assert {row: now[row] for row in old} == old
    assert any("1 added rows went to training, since their groups or copies" in n for n in notes)


def test_added_rows_keep_the_shares(tmp_path):
    path = divided(StratifiedSplit(0.2, 0.1), table(0, 100, 0)).table.write(tmp_path)
    more = pl.concat([table(0, 100, 0), table(1, 300, 0, first=100)])
    split = divided(SplitFile(str(path)), more).split
    assert [len(part) for part in split] == pytest.approx([280, 80, 40], abs=1)


@pytest.mark.parametrize("name", BY_CHANCE)
def test_rows_that_are_gone_are_told_and_move_none(tmp_path, name):
    frame = table(2, copies=0)
    old, _ = by_id(EVERY[name], frame)
    path = divided(EVERY[name], frame).table.write(tmp_path)
    now, notes = by_id(SplitFile(str(path)), frame[7:])
    assert now == {row: part for row, part in old.items() if row >= 7}
    assert f"53 rows have the part that '{path}' gives them; 7 rows of it are gone" in notes


def test_columns_that_are_added_do_not_count(tmp_path):
    frame = table(0)
    first = divided(StratifiedSplit(), frame)
    path = first.table.write(tmp_path)
    wider = frame.with_columns(extra=pl.lit("new"))
    assert divided(SplitFile(str(path)), wider).split.fingerprint == first.split.fingerprint


def test_the_folder_of_a_run_will_do(tmp_path, monkeypatch):
    frame = table(0)
    first = divided(GroupedSplit("g"), frame)
    path = first.table.write(tmp_path)
    assert SplitFile(str(tmp_path)).file == path
    assert SplitFile(str(tmp_path)).leave_out == ["g"]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert SplitFile("~/split.json").recipe == first.table.recipe


def test_a_table_made_elsewhere_gets_validation_rows_and_others_are_trained_on(tmp_path):
    path = tmp_path / "parts.csv"
    words = ["train"] * 40 + ["test"] * 10
    pl.DataFrame({"row": range(50), "part": words}).write_csv(path)
    split = SplitFile(str(path), val=0.2)
    assert (split.table, split.recipe, split.leave_out) == (None, None, [])
    frame = table(0, copies=0)
    told = parts(divided(split, frame).split, 60)
    assert (told[40:50] == TEST).all()
    rest = np.delete(told, np.s_[40:50])
    assert (rest == VAL).sum() == 10
    assert (rest == TRAIN).sum() == 40


def test_a_table_made_elsewhere_that_names_every_row(tmp_path):
    path = tmp_path / "parts.csv"
    words = table(0)["p"]
    pl.DataFrame({"row": range(60), "part": words}).write_csv(path)
    told = parts(divided(SplitFile(str(path)), table(0)).split, 60)
    assert told.tolist() == [("train", "val", "test").index(word) for word in words]


def test_a_table_made_elsewhere_that_trains_on_nothing_is_told(tmp_path):
    path = tmp_path / "parts.csv"
    pl.DataFrame({"row": range(60), "part": ["test"] * 60}).write_csv(path)
    with pytest.raises(UserError, match=r"parts.csv' names no row for training, only for test"):
        divided(SplitFile(str(path)), table(0))


def test_a_few_of_its_rows_keep_their_parts(tmp_path):
    whole = divided(StratifiedSplit(), table(0))
    path = whole.table.write(tmp_path)
    some = divided(SplitFile(str(path)), table(0)[:20])
    assert parts(some.split, 20).tolist() == parts(whole.split, 60)[:20].tolist()
    assert "20 rows have the part that" in some.notes[-1]
    assert "; 40 rows of it are gone" in some.notes[-1]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (table(7), "of its 60 rows, 0 are among the 60 of 'rows.csv'."),
        (
            pl.concat([table(0)[:20], table(7)]),
            "of its 60 rows, 20 are among the 80 of 'rows.csv'.",
        ),
        (table(0).rename({"t": "time"}), "'rows.csv' has no column 't'."),
    ],
)
def test_a_file_of_other_data_is_told(tmp_path, other, said):
    path = divided(StratifiedSplit(), table(0)).table.write(tmp_path)
    other = other if "t" in other.columns else other.drop("f")
    with pytest.raises(UserError) as caught:
        divided(SplitFile(str(path)), other)
    assert said in str(caught.value).replace("'f'", "'t'")
    assert f"the split file '{path}' is one of other data" in str(caught.value)


def test_a_file_of_images_is_none_of_a_table(tmp_path):
    first = divided(StratifiedSplit(), table(0)).table
    path = replace(first, columns=[]).write(tmp_path)
    with pytest.raises(UserError, match=r"is one of other data: 'rows.csv' holds another kind"):
        divided(SplitFile(str(path)), table(0))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match=r"there is no split file or run 'gone.json' \(from '/"):
        SplitFile("gone.json").leave_out  # noqa: B018
    with pytest.raises(UserError, match=r"holds no split.json or split.parquet"):
        SplitFile(str(tmp_path)).leave_out  # noqa: B018
    (tmp_path / "split.json").write_text('{"recipe": 5')
    with pytest.raises(UserError, match=r"^--data.split: '.*' is no split file of a run"):
        SplitFile(str(tmp_path)).leave_out  # noqa: B018


@pytest.mark.parametrize("name", EVERY)
def test_the_recipe_of_a_file_makes_its_splitter(name):
    assert splitter_of(divided(EVERY[name], table(0)).table) == EVERY[name]


def test_without_a_recipe_of_ours_added_rows_are_stratified():
    told = divided(StratifiedSplit(), table(0)).table
    for recipe in (None, {"class_path": "mine.Own"}, {"class_path": "os.system"}):
        assert splitter_of(replace(told, recipe=recipe)) == StratifiedSplit(rare="train")
        assert not is_ours(replace(told, recipe=recipe))
    assert is_ours(told)


@pytest.mark.parametrize(
    "recipe",
    [
        {"class_path": "datamodules.splits.random.Gone"},
        {"class_path": "datamodules.splits.gone.RandomSplit"},
        {"class_path": "datamodules.splits.random.RandomSplit", "init_args": {"vall": 0.2}},
        {"class_path": "datamodules.splits.random.deal", "init_args": {}},
    ],
)
def test_a_recipe_that_this_release_does_not_know_is_told(tmp_path, recipe):
    told = replace(divided(StratifiedSplit(), table(0)).table, recipe=recipe)
    with pytest.raises(UserError, match=r"--data.split: .*recipe"):
        splitter_of(told)


def of(strata: list[int], settled: list[int] | None = None) -> Undivided:
    rows = undivided(pl.DataFrame({"x": range(len(strata)), "y": strata}))
    if settled is None:
        return rows
    return rows.only(rows.rows, np.array(settled, dtype=np.int16))


def test_validation_has_its_share_of_the_training_rows_of_each_stratum():
    strata = np.repeat([0, 1], [20, 40])
    known = np.full(60, TRAIN, dtype=np.int16)
    known[:10] = TEST
    rows = of(strata.tolist())
    told = with_validation(known, rows, 0.2)
    assert np.bincount(strata[told == VAL]).tolist() == [2, 8]
    assert (told[:10] == TEST).all()
    assert len(rows.notes) == 1
    assert (known[10:] == TRAIN).all()
    assert not np.array_equal(told, with_validation(known, rows, 0.2, seed=1))


@pytest.mark.parametrize(
    ("known", "share"), [([0, 0, 0, 1], 0.5), ([0, 0, 0, 2], 0.0), ([2, 2, -1, -1], 0.5)]
)
def test_validation_is_left_as_it_is(known, share):
    rows = of([0] * 4)
    told = with_validation(np.array(known, dtype=np.int16), rows, share)
    assert told.tolist() == known
    assert rows.notes == []


def test_a_split_without_training_rows_is_told():
    refuse_without_training(np.array([0, 2]), "here")
    with pytest.raises(UserError, match=r"^here names no row for training, only for test\.$"):
        refuse_without_training(np.array([1, 2]), "here")
    with pytest.raises(UserError, match=r"only for any part"):
        refuse_without_training(np.array([NOWHERE]), "here")


def test_images_are_known_by_their_pixels(tmp_path):
    import torch

    from datamodules.division import divide

    images = torch.from_numpy(
        np.random.default_rng(0).integers(0, 256, (30, 1, 4, 4), dtype=np.uint8)
    )
    labels, rows = np.arange(30) % 2, np.arange(30)
    frame = pl.DataFrame({"label": labels, "path": [f"{row}.png" for row in rows]})
    records = Records(frame, "x", images, names="path")
    first = divide(StratifiedSplit(), records, rows, labels, [])
    path = first.table.write(tmp_path)
    renamed = frame.with_columns(path=pl.Series([f"new/{row}.jpg" for row in rows]))[::-1]
    again = divide(
        SplitFile(str(path)), Records(renamed, "y", images.flip(0)), rows, labels[::-1], []
    )
    assert (parts(again.split, 30) == parts(first.split, 30)[::-1]).all()


def test_copies_stay_together_in_training_or_in_validation():
    together = np.arange(60) // 3
    frame = pl.DataFrame({"x": range(60), "y": [0] * 60})
    rows = undivided(frame, together.tolist())
    told = with_validation(np.full(60, TRAIN, dtype=np.int16), rows, 0.3)
    assert (told == VAL).any()
    assert not is_cut(told, together)
