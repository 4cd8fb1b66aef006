"""Deal rows out by shares, whether they have a class, a number or several labels."""

from collections.abc import Sequence

import numpy as np

from datamodules.row_hashes import Hashes
from datamodules.splits.dealing import deal, numbered, wanted_by_shares
from datamodules.splits.dealing_units import deal_units
from datamodules.splits.splitter import Parts, Undivided


def deal_shares(
    undivided: Undivided, chance: Hashes, shares: Sequence[float], settled: Parts, least: int = 3
) -> Parts:
    """Return the part of each row: (M,), the first takes what the others leave.

    Args:
        undivided: the rows, whose copies stay together.
        chance: (M,) what decides which rows they are.
        shares: of each part but the first.
        settled: (M,) a part that a row has already, or -1.
        least: a stratum with fewer rows stays in the first part whole.
    """
    if undivided.labels is not None:
        every = np.array([1 - sum(shares), *shares])
        return deal_units(undivided.together, undivided.kinds, chance, every, settled)
    strata, sizes = numbered(undivided.strata)
    wanted = wanted_by_shares(sizes, shares, least)
    return deal(strata, undivided.together, chance, wanted, settled)
