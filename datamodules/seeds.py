"""Random numbers as functions of where they are used, so that no random state needs storing."""

import os

import torch
from torch import Tensor

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
FIRST = 0xBF58476D1CE4E5B9
SECOND = 0x94D049BB133111EB


def global_seed() -> int:
    """Return the run's seed, which ``lightning.seed_everything`` keeps in the environment."""
    return int(os.environ.get("PL_GLOBAL_SEED", "0"))


def mix(*keys: int) -> int:
    """Hash whole numbers, in order, to one in [0, 2**63).

    The finaliser of SplitMix64 (Steele, Lea, Flood 2014, figure 16), chained over the keys.
    """
    return _chain(keys) >> 1


def uniform(rows: Tensor, count: int, *keys: int) -> Tensor:
    """Draw ``count`` numbers in [0, 1) for each row, a function of (keys, row, draw) alone.

    The first 24 bits of ``mix(*keys, row, draw)``, on the rows' device and with no loop over rows,
    so a row gets the same numbers in any batch, on any device, in any process.

    Args:
        rows: (N,) int64 row numbers.
        count: numbers for each row.
        keys: what else decides, such as seed, epoch and operation.

    Shape:
        (N,) -> (N, count) float32
    """
    draws = torch.arange(count, device=rows.device)
    by_row = _step(rows + _signed(_chain(keys) + GAMMA))  # (N,)
    state = _step(by_row[:, None] + draws + _signed(GAMMA))  # (N, count)
    return _shift(state, 40).float() * 2.0**-24


def _chain(keys: tuple[int, ...]) -> int:
    state = 0
    for key in keys:
        state = (state + GAMMA + key) & MASK
        state = ((state ^ (state >> 30)) * FIRST) & MASK
        state = ((state ^ (state >> 27)) * SECOND) & MASK
        state ^= state >> 31
    return state


def _step(state: Tensor) -> Tensor:
    """Finish a step of ``_chain`` for each number; int64 wraps around like uint64."""
    state = (state ^ _shift(state, 30)) * _signed(FIRST)
    state = (state ^ _shift(state, 27)) * _signed(SECOND)
    return state ^ _shift(state, 31)


def _shift(state: Tensor, bits: int) -> Tensor:
    """Shift to the right as if there were no sign."""
    return (state >> bits) & ((1 << (64 - bits)) - 1)


def _signed(number: int) -> int:
    number &= MASK
    return number - (1 << 64) if number >> 63 else number
