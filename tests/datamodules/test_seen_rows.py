"""Which rows a model has seen."""

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.records import Records
from datamodules.seen_rows import SeenRows
from datamodules.splits.split import Split

FRAME = pl.DataFrame(
    {
        "id": range(60),
        "x": np.random.default_rng(0).normal(size=60).round(6),
        "word": [f"w{row % 7}" for row in range(60)],
        "y": [row % 2 for row in range(60)],
    }
)
SPLIT = Split(np.arange(30), np.arange(30, 40), np.arange(40, 50))  # ten rows are in no part


def seen(frame: pl.DataFrame = FRAME, columns: tuple[str, ...] = ("x", "word")) -> SeenRows:
    return SeenRows.of(Records(frame, "here"), SPLIT, list(columns))


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=15)
def test_rows_are_known_in_any_order_by_what_the_model_sees(seed):
    order = np.random.default_rng(seed).permutation(60)
    other = FRAME[order].with_columns(id=pl.lit("new"), y=pl.lit(5)).reverse()
    told = seen().parts_of(Records(other, "there"))
    wanted = np.select([order < 30, order < 40], [0, 1], -1)[::-1]
    assert told is not None
    assert told.tolist() == wanted.tolist()


def test_a_row_of_training_and_of_validation_is_one_of_training():
    frame = FRAME.with_columns(
        pl.when(pl.col("id") == 35).then(pl.lit(FRAME[name][3])).otherwise(pl.col(name)).alias(name)
        for name in ("x", "word")
    )
    rows = seen(frame)
    told = rows.parts_of(Records(frame, "there"))
    assert told is not None
    assert told[[3, 35, 36]].tolist() == [0, 0, 1]
    assert len(rows.hashes) == 39


def test_nobody_can_tell_where_a_column_is_lacking():
    assert seen().parts_of(Records(FRAME.drop("word"), "there")) is None


def test_nobody_can_tell_where_equal_rows_are_what_a_table_has():
    rng = np.random.default_rng(0)
    coarse = FRAME.with_columns(x=pl.Series(rng.integers(0, 2, 60)))
    rows = seen(coarse)
    assert not rows.telling
    assert rows.parts_of(Records(coarse, "there")) is None


def test_a_model_that_sees_nothing_has_seen_nobody_knows_what():
    rows = seen(columns=())
    assert (rows.telling, len(rows.hashes)) == (False, 0)
    assert rows.parts_of(Records(FRAME, "there")) is None


def test_images_are_known_by_their_pixels():
    images = torch.from_numpy(
        np.random.default_rng(0).integers(0, 256, (60, 1, 3, 3), dtype=np.uint8)
    )
    rows = SeenRows.of(Records(FRAME, "here", images), SPLIT, [])
    other = pl.DataFrame({"path": [f"{row}.png" for row in range(60)]})
    told = rows.parts_of(Records(other, "there", images.flip(0)))
    assert told is not None
    assert told[::-1].tolist() == [0] * 30 + [1] * 10 + [-1] * 20


def test_new_rows_are_in_no_part_where_none_was_seen():
    nothing = Split(*(np.arange(0),) * 3)
    rows = SeenRows.of(Records(FRAME, "here"), nothing, ["x"])
    told = rows.parts_of(Records(FRAME, "there"))
    assert told is not None
    assert told.tolist() == [-1] * 60


@pytest.mark.parametrize("rows", [seen(), SeenRows()])
def test_a_round_trip_through_a_checkpoint_changes_nothing(rows, tmp_path):
    torch.save(rows.state_dict(), tmp_path / "seen.pt")
    again = SeenRows.from_state(torch.load(tmp_path / "seen.pt", weights_only=True))
    assert again.hashes.tolist() == rows.hashes.tolist()
    assert again.hashes.dtype == np.uint64
    assert again.parts.tolist() == rows.parts.tolist()
    assert (again.columns, again.telling) == (rows.columns, rows.telling)


def test_an_older_checkpoint_cannot_tell():
    assert SeenRows.from_state(None).parts_of(Records(FRAME, "there")) is None
