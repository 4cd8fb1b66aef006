"""Anomalies by random cuts."""

import numpy as np
import polars as pl
import pytest
import torch

from datamodules.cleaning.isolation_forest import IsolationForest
from datamodules.cleaning.step import TrainingRows
from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.spec import TargetSpec

ROWS = 200
RNG = np.random.default_rng(0)
X = RNG.normal(size=(ROWS, 2))
X[[7, 50]] = [[9, 9], [-9, 9]]
X[3, 0] = np.nan
FRAME = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": ["x"] * ROWS})


def training(frame=FRAME) -> TrainingRows:
    target = torch.zeros(len(frame), dtype=torch.int64)
    spec = TargetSpec("binary", ["no", "yes"])
    return TrainingRows(Records(frame, "a.csv"), np.arange(len(frame)), target, spec, frame.columns)


def test_planted_rows_are_found_and_kept_unless_they_are_to_be_dropped():
    cleaned = IsolationForest().fit(training())
    assert cleaned.rows.tolist() == [7, 50]
    assert cleaned.drop.tolist() == []
    assert cleaned.table is not None
    scores = cleaned.table["anomaly_score"].to_list()
    assert scores == sorted(scores, reverse=True)
    assert IsolationForest(action="drop").fit(training()).drop.tolist() == [7, 50]
    assert "2 of 200 training rows" in cleaned.note


def test_wrong_settings():
    with pytest.raises(UserError, match=r"above 0 and up to 0\.5, not 0\.7"):
        IsolationForest(contamination=0.7)
    with pytest.raises(UserError, match="IsolationForest names no column"):
        IsolationForest([])
    with pytest.raises(UserError, match="looks at columns of numbers, and there is none"):
        IsolationForest().fit(training(FRAME.select("c")))
