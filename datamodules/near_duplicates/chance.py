"""Which pairs of rows are more than a meeting by chance."""

import numpy as np
from numpy.typing import NDArray

from datamodules.splits.split import Rows

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]


def rarity(keys: Rows) -> Floats:
    """Return how surprising the key of each row is, in nats: the log of one over its share."""
    surprise: Floats = np.log(len(keys) / np.bincount(keys))[keys]
    return surprise


def unlikely(hits: Marks, chance: Floats, false: float) -> Marks:
    """Return which hits to tell, so that at most so large a share of them is expected by chance.

    Pairs that are near one another and yet no hits tell how many of chance there are: for each such
    pair that is a hit with probability p, chance gives p / (1 - p) hits. Hits are told from the
    least likely on, as many as keep the number that chance is expected to give low (target-decoy
    competition: Elias and Gygi 2007).

    Args:
        hits: (P,) whether a pair is a hit.
        chance: (P,) how likely a pair is a hit by chance.
        false: the share of chance that is borne.
    """
    order = np.argsort(chance, kind="stable")
    chance = np.minimum(chance[order], 0.9)
    expected, found = np.cumsum(~hits[order] * chance / (1 - chance)), np.cumsum(hits[order])
    last = np.diff(chance, append=np.inf) != 0  # equal ones are taken or left together
    fine = np.flatnonzero((expected <= false * found) & last)
    told = np.zeros(len(hits), dtype=bool)
    told[order[: fine.max(initial=-1) + 1]] = True
    return told & hits
