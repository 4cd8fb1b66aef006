"""Numbers as a function of (seed, epoch, row, operation, position), evenly spread."""

import torch

from datamodules.augmentation.draws import Draws


def test_a_row_draws_the_same_in_any_batch():
    rows = torch.arange(100)
    whole = Draws(rows, seed=3, epoch=2)
    first, second = whole.uniform(4), whole.uniform(2)
    part = torch.tensor([70, 3, 99])
    other = Draws(part, seed=3, epoch=2)
    assert torch.equal(other.uniform(4), first[part])
    assert torch.equal(other.uniform(2), second[part])


def test_each_call_seed_epoch_row_and_position_differs():
    rows = torch.arange(1000)
    draws = Draws(rows, seed=0, epoch=0)
    samples = [draws.uniform(2), draws.uniform(2)]
    samples += [Draws(rows, 1, 0).uniform(2), Draws(rows, 0, 1).uniform(2)]
    columns = torch.cat(samples, dim=1)  # (1000, 8)
    correlation = torch.corrcoef(columns.T) - torch.eye(8)
    assert correlation.abs().max() < 0.15
    assert len(torch.unique(columns)) > 7990


def test_draws_are_uniform():
    drawn = Draws(torch.arange(20_000), seed=0, epoch=0).uniform(3)
    assert drawn.shape == (20_000, 3)
    assert drawn.dtype == torch.float32
    assert drawn.min() >= 0
    assert drawn.max() < 1
    counts = torch.histc(drawn, bins=20, min=0, max=1)
    assert ((counts - 3000).abs() < 300).all()
