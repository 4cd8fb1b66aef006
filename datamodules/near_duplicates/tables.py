"""Rows of a table of which one is the other with its numbers rounded."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.near_duplicates.chance import rarity, unlikely
from datamodules.near_duplicates.digits import NumberColumns
from datamodules.near_duplicates.distinct import contents, distinct
from datamodules.near_duplicates.pairs import Pairs, nearest_of_each
from datamodules.near_duplicates.roundings import meetings
from datamodules.splits.split import Rows

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

NEIGHBOURS = 6
"""Rows that a row is compared with, beside those that it meets when all numbers are rounded."""
REACH = 1.0
"""Distance of neighbours, in standard deviations of all numbers together."""
MOST_ROWS = 200_000
"""Rows above which neighbours are not looked for: they would take minutes."""
FAR = 1e6
FALSE = 0.1
"""Share of pairs of chance that may be among those that are told."""


def near_rows(frame: pl.DataFrame, parts: Rows | None = None) -> Pairs:
    """Find pairs of rows of which one becomes the other when its numbers are rounded.

    A number is a rounded one of another if it lies no further from it than half the unit of its
    last digit; each column may be rounded to other digits, or not at all. Words, gaps and dates
    have to be equal. Rows that are equal as they stand are copies, and not told here.

    In a coarse table rows meet by chance. How many do is seen in those that nearly meet, up to one
    and a half units away: by chance there are at least twice as many of these. So pairs are told
    from the most surprising on, as long as half the number that nearly meet is less than a tenth of
    the number that meet (target-decoy competition: Elias and Gygi 2007; Barber and Candes 2015).

    Args:
        frame: the inputs of the rows, (N, columns).
        parts: (N,) the part of each row, where only pairs of two parts are wanted.

    Returns:
        The pairs, at most one for each row; their distance is the mean change of a number in units
        of its deviation.
    """
    names = [name for name, dtype in frame.schema.items() if dtype.is_numeric()]
    if not names or len(frame) < 2:
        return Pairs.none()
    content = contents(frame)
    rows = distinct(content, parts)
    among = None if parts is None else parts[rows]
    found = _among_distinct(frame[rows], names, content[rows], among)
    ends = np.stack([rows[found.first], rows[found.second]], axis=1)
    return Pairs.of(ends, found.distance, found.untold)


def _among_distinct(
    frame: pl.DataFrame, names: list[str], content: Rows, parts: Rows | None
) -> Pairs:
    keys = _keys(frame, names)
    numbers = NumberColumns.of(frame.select(names))
    meet, miss = meetings(frame, names)
    alike = np.unique(np.sort(meet, axis=1), axis=0)
    pairs = np.concatenate([alike, np.sort(_neighbours(numbers, keys, parts), axis=1), miss])
    # of pairs that stand there twice the first is taken: all of its numbers are rounded alike
    pairs, place = np.unique(pairs, axis=0, return_index=True)
    one, other = pairs.T
    fit = content[one] != content[other]
    if parts is not None:
        fit &= parts[one] != parts[other]
    return _told(numbers, keys, pairs[fit], parts, place[fit] < len(alike))


def _keys(frame: pl.DataFrame, names: list[str]) -> Rows:
    """Return a number for what has to be equal: (N,), words, dates and where gaps are."""
    gaps = frame.select(pl.col(name).cast(pl.Float64).is_nan().fill_null(True) for name in names)
    hashes = gaps.with_columns(frame.drop(names)).hash_rows().to_numpy()
    keys: Rows = np.unique(hashes, return_inverse=True)[1]
    return keys


def _neighbours(numbers: NumberColumns, keys: Rows, parts: Rows | None) -> Rows:
    """Return (P, 2) row numbers: rows of one key whose numbers lie near one another."""
    if len(keys) > MOST_ROWS:
        return np.empty((0, 2), dtype=np.int64)
    # rows of different keys lie far apart along two further directions
    side = int(np.ceil(np.sqrt(keys.max() + 1)))
    apart = np.random.default_rng(0).permutation(side * side)[keys]
    places = np.column_stack([numbers.scaled, 4 * REACH * np.stack(np.divmod(apart, side), axis=1)])
    rows = np.arange(len(keys))
    if parts is None:
        return _asked(places, rows, rows)
    largest = np.bincount(parts).argmax()
    others = [part for part in np.unique(parts) if part != largest]
    found = [_asked(places, rows[parts == part], rows[parts != part]) for part in others]
    return np.concatenate([np.empty((0, 2), dtype=np.int64), *found])


def _asked(places: Floats, asking: Rows, asked: Rows) -> Rows:
    from scipy.spatial import KDTree

    count = min(NEIGHBOURS + 1, len(asked))  # of itself and others, where a row may find itself
    tree = KDTree(places[asked])
    _, found = tree.query(places[asking], range(1, count + 1), distance_upper_bound=REACH)
    there = found < len(asked)
    return np.column_stack([np.repeat(asking, there.sum(axis=1)), asked[found[there]]])


def _told(
    numbers: NumberColumns, keys: Rows, pairs: Rows, parts: Rows | None, alike: Marks
) -> Pairs:
    """Return the pairs that meet, but for those that chance brings together."""
    units, repeated = numbers.units(pairs), numbers.repeated(pairs)
    reach = np.where(repeated, np.inf, units)  # where anything goes, nothing is a surprise
    rare = np.minimum(*(numbers.surprise(end, reach) for end in pairs.T))
    rare = rare + rarity(keys)[pairs[:, 0]]
    likely = rare <= np.log(len(keys))
    every = pairs, units, repeated, rare, alike
    pairs, units, repeated, rare, alike = (each[~likely] for each in every)
    meet = numbers.whole(pairs[:, 0], units) | numbers.whole(pairs[:, 1], units)
    same = ~units.any(axis=1)
    chance = np.where(same, 0.0, 2 * numbers.roundness(np.where(repeated, 0.0, units)))
    told = unlikely(meet, chance, rare, FALSE)
    untold = int(np.count_nonzero(meet & ~told))
    pairs, changes = pairs[told], numbers.changes(pairs[told])
    # one that is rounded alike in all columns comes before any other
    best = nearest_of_each(pairs, np.where(alike[told], 0.0, FAR) + changes, parts)
    return Pairs.of(pairs[best], changes[best], untold)
