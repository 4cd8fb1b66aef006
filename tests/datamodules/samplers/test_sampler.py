"""What a sampler is told: training rows and their target, and nothing of others."""

import numpy as np
import polars as pl
import torch

from datamodules.records import Records
from datamodules.samplers.drawing import Drawing
from datamodules.samplers.sampler import RowSampler, TrainingPart, drawing_of
from datamodules.spec import TargetSpec

RECORDS = Records(pl.DataFrame({"y": ["a", "b", "a", "b"]}), origin="here")
TARGET = torch.tensor([0, 1, 0, 1])
SPEC = TargetSpec("binary", ["a", "b"])


class Remembering(RowSampler):
    """Remember what was told."""

    def __call__(self, part: TrainingPart) -> Drawing:
        self.part = part
        return Drawing(torch.ones(len(part.rows)))


def test_training_rows_come_with_their_target():
    sampler = Remembering()
    assert drawing_of(sampler, RECORDS, np.array([3, 0]), TARGET, SPEC) is not None
    assert sampler.part.target.tolist() == [1, 0]
    assert sampler.part.rows.tolist() == [3, 0]
    assert sampler.leave_out == []


def test_nobody_draws_without_a_sampler_or_rows():
    assert drawing_of(None, RECORDS, np.array([3, 0]), TARGET, SPEC) is None
    assert drawing_of(Remembering(), RECORDS, np.array([], dtype=int), TARGET, SPEC) is None
