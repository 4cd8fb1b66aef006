"""Rows taken from records, with or without a copy of their pixels."""

import numpy as np
import polars as pl
import torch

from datamodules.records import Records

RECORDS = Records(
    pl.DataFrame({"label": ["a", "b", "c"]}),
    origin="here",
    images=torch.arange(12, dtype=torch.uint8).view(3, 1, 2, 2),
    digests=torch.arange(48, dtype=torch.uint8).view(3, 16),
    notes=["read"],
)


def test_rows_come_in_the_order_asked_for():
    taken = RECORDS.take(np.array([2, 0]))
    assert taken.frame["label"].to_list() == ["c", "a"]
    assert taken.images is not None
    assert taken.images[:, 0, 0, 0].tolist() == [8, 0]
    assert taken.digests is not None
    assert taken.digests[:, 0].tolist() == [32, 0]
    assert (taken.origin, taken.notes) == ("here", ["read"])


def test_pixels_may_stay_where_they_are():
    taken = RECORDS.take(np.array([2, 0]), pixels=False)
    assert len(taken) == 2
    assert taken.images is not None
    assert taken.images.shape == (0, 1, 2, 2)
    assert RECORDS.images is not None
    assert taken.images.untyped_storage().data_ptr() == RECORDS.images.data_ptr()


def test_the_columns_that_only_name_rows():
    frame = pl.DataFrame({"id": range(100), "x": [row % 7 for row in range(100)]})
    assert Records(frame, "here").row_names == {"id"}


def test_columns_are_hidden_once_and_only_where_there_are_any():
    hidden = RECORDS.hiding(["label", "nothing", "label"])
    assert hidden.leave_out == ["label"]
    assert hidden.hiding(["label"]).leave_out == ["label"]
    assert RECORDS.leave_out == []
    assert hidden.frame is RECORDS.frame
