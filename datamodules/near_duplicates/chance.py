"""Which pairs of rows are more than a meeting by chance."""

import numpy as np
from numpy.typing import NDArray

from datamodules.splits.split import Rows

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

TINY = 1e-300
WEIGHTS = 0.0, 0.25, 1.0
"""What nearness counts beside digits, in each of the orders."""


def rarity(keys: Rows) -> Floats:
    """Return how surprising the key of each row is, in nats: the log of one over its share."""
    surprise: Floats = np.log(len(keys) / np.bincount(keys))[keys]
    return surprise


def unlikely(hits: Marks, chance: Floats, surprise: Floats, false: float) -> Marks:
    """Return which hits to tell, so that at most so large a share of them is expected by chance.

    Pairs that are near one another and yet no hits tell how many of chance there are: for each such
    pair that is a hit with probability p, chance gives p / (1 - p) hits. Hits are told from the
    least likely on, as many as keep the number that chance is expected to give low (target-decoy
    competition: Elias and Gygi 2007). How unlikely one is, is told by its digits, or by these and
    by how near it is, whichever tells more hits.

    Args:
        hits: (P,) whether a pair is a hit.
        chance: (P,) how likely a pair that is so near is a hit by chance.
        surprise: (P,) how surprising it is that a pair is so near, in nats.
        false: the share of chance that is borne.
    """
    odds = np.minimum(chance, 0.9)
    expected = np.where(hits, 0.0, odds / (1 - odds))
    log_chance = np.log(np.maximum(chance, TINY))
    scores = [log_chance - weight * surprise for weight in WEIGHTS]
    ways = [_longest(score, hits, expected, false) for score in scores]
    return max(ways, key=np.count_nonzero)


def _longest(score: Floats, hits: Marks, expected: Floats, false: float) -> Marks:
    """Return the hits of the longest list, by score, in which few are expected by chance."""
    order = np.argsort(score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)  # equal ones are taken or left together
    few = np.cumsum(expected[order]) <= false * np.cumsum(hits[order])
    told = np.zeros(len(hits), dtype=bool)
    told[order[: np.flatnonzero(few & last[: len(few)]).max(initial=-1) + 1]] = True
    return told & hits
