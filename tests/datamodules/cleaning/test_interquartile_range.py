"""Tukey's fences."""

import numpy as np
import polars as pl
import pytest
import torch

from datamodules.cleaning.interquartile_range import InterquartileRange
from datamodules.cleaning.step import TrainingRows
from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.spec import TargetSpec

VALUES = [1.0, 2.0, 3.0, 4.0, 100.0, None, -90.0, 1000.0]
FRAME = pl.DataFrame({"x": VALUES, "n": [0, 0, 0, 0, 0, 0, 7, 9], "word": list("abcdefgh")})
SPEC = TargetSpec("binary", ["no", "yes"], counts=[3, 3], rows=6)


def training(rows: list[int]) -> TrainingRows:
    target = torch.zeros(len(rows), dtype=torch.int64)
    return TrainingRows(Records(FRAME, "a.csv"), np.array(rows), target, SPEC, FRAME.columns)


def test_the_fences_are_tukeys_of_training_rows_alone():
    step = InterquartileRange()
    cleaned = step.fit(training([0, 1, 2, 3, 4, 5]))
    known = np.array([1.0, 2, 3, 4, 100])
    low, high = np.quantile(known, [0.25, 0.75])
    reach = 1.5 * (high - low)
    assert step.fences == {"x": (low - reach, high + reach)}  # 'n' has no spread
    assert cleaned.rows.tolist() == [4]
    assert cleaned.drop.tolist() == []
    assert cleaned.table is not None
    assert cleaned.table.rows() == [(4, "x", 100.0, low - reach, high + reach)]
    assert cleaned.note == (
        "1 of 6 training rows have a number beyond 1.5 interquartile ranges (1 in 'x'): clipped to "
        "the fences"
    )


def test_clipping_reaches_every_part_and_leaves_what_is_missing():
    step = InterquartileRange()
    step.fit(training([0, 1, 2, 3, 4, 5]))
    low, high = step.fences["x"]
    new = pl.DataFrame({"x": [5000, -7, None, 3], "word": ["a"] * 4})
    assert step.apply(Records(new, "b.csv")).frame["x"].to_list() == [high, low, None, 3.0]
    infinite = pl.DataFrame({"x": [float("inf")]})
    assert step.apply(Records(infinite, "b.csv")).frame["x"].to_list() == [float("inf")]


def test_state_goes_over_to_another():
    step, other = InterquartileRange(), InterquartileRange()
    step.fit(training([0, 1, 2, 3, 4, 5]))
    other.load_state_dict(step.state_dict())
    assert other.fences == step.fences


@pytest.mark.parametrize(("action", "dropped"), [("drop", [4]), ("report", [])])
def test_other_actions_change_no_number(action, dropped):
    step = InterquartileRange(action=action)
    assert step.fit(training([0, 1, 2, 3, 4, 5])).drop.tolist() == dropped
    records = Records(FRAME, "a.csv")
    assert step.apply(records) is records


def test_wrong_settings():
    with pytest.raises(UserError, match=r"'word' holds no numbers, .* 'a'\. Valid: 'x', 'n'"):
        InterquartileRange(["word"]).fit(training([0, 1, 2]))
    with pytest.raises(UserError, match=r"a\.csv has no input column 'm'\. Valid: 'x', 'n'"):
        InterquartileRange(["m"]).fit(training([0, 1, 2]))
    with pytest.raises(UserError, match="InterquartileRange names no column"):
        InterquartileRange([])
    with pytest.raises(UserError, match="InterquartileRange names the column 'x' twice"):
        InterquartileRange(["x", "x"])
    with pytest.raises(UserError, match="factor must be above 0, not 0"):
        InterquartileRange(factor=0)
