"""Random numbers as functions of where they are used."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lightning import seed_everything

from datamodules.seeds import global_seed, mix, uniform

KEYS = st.lists(st.integers(-(2**70), 2**70), max_size=4)
ROWS = st.lists(st.integers(0, 2**40), min_size=1, max_size=8)


def test_the_hash_is_splitmix64():
    # Java's SplittableRandom, and Vigna's splitmix64.c, from seed 0: 0xE220A8397B1DCDAF
    assert mix(0) == 0xE220A8397B1DCDAF >> 1


@given(KEYS)
@settings(deadline=None)
def test_a_hash_is_a_seed_that_torch_takes(keys):
    assert 0 <= mix(*keys) < 2**63
    torch.Generator().manual_seed(mix(*keys))


def test_hashes_of_different_keys_differ():
    hashes = [mix(a, b) for a in range(100) for b in range(100)] + [mix(a) for a in range(100)]
    assert len(set(hashes)) == len(hashes)


@given(ROWS, st.integers(1, 5), KEYS)
@settings(deadline=None)
def test_uniform_equals_the_hash_row_by_row(rows, count, keys):
    drawn = uniform(torch.tensor(rows), count, *keys)
    expected = [[(mix(*keys, row, draw) >> 39) / 2**24 for draw in range(count)] for row in rows]
    assert drawn.dtype == torch.float32
    assert drawn.tolist() == expected


@given(ROWS, st.integers(0, 5), KEYS)
@settings(deadline=None)
def test_a_row_draws_the_same_in_any_batch_and_whatever_else_is_drawn(rows, count, keys):
    batch = uniform(torch.tensor(rows), count, *keys)
    assert batch.shape == (len(rows), count)
    assert ((batch >= 0) & (batch < 1)).all()
    alone = [uniform(torch.tensor([row]), count, *keys) for row in rows]
    assert torch.equal(batch, torch.cat(alone))
    assert torch.equal(batch, uniform(torch.tensor(rows), count + 3, *keys)[:, :count])


def test_draws_fill_the_unit_interval_evenly():
    drawn = uniform(torch.arange(50_000), 4, 7, 1).numpy()  # (N, 4)
    # 200,000 draws: the mean's deviation is 0.00065, a bin's count 1,000 by 31.5
    assert abs(drawn.mean() - 0.5) < 0.003
    assert abs(drawn.var() - 1 / 12) < 0.001
    bins = np.histogram(drawn, bins=200, range=(0, 1))[0]
    assert 140 < np.sum((bins - 1000) ** 2 / 1000) < 270  # chi squared, 199 degrees of freedom


def test_rows_draws_and_keys_are_uncorrelated():
    rows = torch.arange(50_000)
    drawn = torch.cat([uniform(rows, 3, 0, 0), uniform(rows, 2, 0, 1), uniform(rows, 2, 1, 0)], 1)
    neighbours = uniform(rows + 1, 1, 0, 0)
    correlations = torch.cat([drawn, neighbours], dim=1).T.corrcoef()
    assert (correlations - torch.eye(8)).abs().max() < 0.02  # deviation 0.0045


def test_no_random_state_is_touched():
    before = torch.random.get_rng_state()
    uniform(torch.arange(10), 2, 3)
    mix(1, 2)
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_run_s_seed_is_lightnings(monkeypatch):
    seed_everything(42, verbose=False)
    assert global_seed() == 42
    monkeypatch.delenv("PL_GLOBAL_SEED")
    assert global_seed() == 0
