"""What is told of all steps together."""

import numpy as np
import polars as pl
import pytest
import torch

from datamodules.cleaning.clean import clean_rows, clean_training_rows
from datamodules.cleaning.interquartile_range import InterquartileRange
from datamodules.cleaning.isolation_forest import IsolationForest
from datamodules.cleaning.missing_values import MissingValues
from datamodules.cleaning.step import TrainingRows
from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.spec import TargetSpec

FRAME = pl.DataFrame(
    {
        "x": [1.0, 2.0, 3.0, 4.0, 99.0, None],
        "y": ["a", "b", "a", "b", "c", "d"],
        "n": [0.5, 1.5, 2.5, 3.5, 4.5, 5.5],
    }
)
RECORDS = Records(FRAME, "a.csv")


def test_a_class_of_which_no_row_is_left_is_told():
    rows, done = clean_rows([MissingValues(["x"])], RECORDS, np.arange(6), ["y"])
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert done[0].note.endswith("; no row of 'd' is left")
    _, done = clean_rows([MissingValues(["x"])], RECORDS, np.arange(6), ["n"])
    assert "is left" not in done[0].note


def test_a_class_that_training_loses_is_told():
    spec = TargetSpec("multiclass", ["a", "b", "c"])
    training = TrainingRows(RECORDS, np.arange(5), torch.tensor([0, 1, 0, 1, 2]), spec, ["x"])
    left, done = clean_training_rows([InterquartileRange(action="drop")], training)
    assert left.rows.tolist() == [0, 1, 2, 3]
    assert done[0].note.endswith("left out; no row of 'c' is left")
    _, done = clean_training_rows([InterquartileRange(action="clip")], training)
    assert "is left" not in done[0].note


@pytest.mark.parametrize("step", [InterquartileRange(), IsolationForest()])
def test_rows_without_a_column_have_no_numbers(step):
    spec = TargetSpec("binary", ["a", "b"])
    training = TrainingRows(RECORDS, np.arange(4), torch.tensor([0, 1, 0, 1]), spec, [])
    with pytest.raises(UserError, match="looks at columns of numbers, and there is none"):
        clean_training_rows([step], training)


def test_a_step_that_leaves_no_row_is_told():
    empty = Records(FRAME.with_columns(x=pl.lit(None, dtype=pl.Float64)), "a.csv")
    with pytest.raises(UserError, match=r"a\.csv: MissingValues leaves no row .* look at less"):
        clean_rows([MissingValues(["x"])], empty, np.arange(6), ["y"])
