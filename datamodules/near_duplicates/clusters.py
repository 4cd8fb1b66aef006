"""Rows that belong together, because they are near-duplicates or copies of one another."""

import numpy as np

from datamodules.near_duplicates.pairs import Pairs
from datamodules.splits.split import Rows


def clusters_of(pairs: Pairs, count: int, *, most: int = 100, content: Rows | None = None) -> Rows:
    """Return which rows belong together.

    Star clusters (Aslam, Pelekhov and Rus 2004, 'The star clustering algorithm'): the row with most
    partners takes those that are still free, and so on. Each row of a cluster is a partner of its
    centre, so that no chain of rows, each like the next, ever grows.

    Args:
        pairs: rows that are all but copies.
        count: N, how many rows there are.
        most: members of a cluster, where copies of one row count once; the nearest are taken.
        content: (N,) a number for each row, the same for rows that are copies; they stay together.
            Of equally good centres the smaller number is the first.

    Returns:
        (N,) int64: for each row the smallest row number of its cluster. Which rows belong together
        does not depend on their order, if their contents are numbered without regard to it.
    """
    rows = np.arange(count)
    kinds = rows if content is None else np.unique(content, return_inverse=True)[1]
    partners = _partners(kinds[pairs.first], kinds[pairs.second], pairs.distance)
    cluster = np.arange(kinds.max(initial=-1) + 1)
    free = np.ones(len(cluster), dtype=bool)
    order = sorted(partners, key=lambda kind: (*_rank(partners[kind]), kind))
    for centre in order:
        if free[centre]:
            near = sorted((away, kind) for kind, away in partners[centre].items() if free[kind])
            members = [centre, *(kind for _, kind in near[: most - 1])]
            cluster[members], free[members] = centre, False
    return _smallest(cluster[kinds])


def _partners(first: Rows, second: Rows, distance: np.ndarray) -> dict[int, dict[int, float]]:
    partners: dict[int, dict[int, float]] = {}
    for one, other, away in zip(first.tolist(), second.tolist(), distance.tolist(), strict=True):
        if one != other:
            for centre, partner in ((one, other), (other, one)):
                known = partners.setdefault(centre, {})
                known[partner] = min(away, known.get(partner, away))
    return partners


def _rank(partners: dict[int, float]) -> tuple[int, float]:
    return -len(partners), sum(sorted(partners.values()))


def _smallest(cluster: Rows) -> Rows:
    """Return the smallest row number of each row's cluster: (N,) -> (N,)."""
    _, first, which = np.unique(cluster, return_index=True, return_inverse=True)
    smallest: Rows = first[which]
    return smallest
