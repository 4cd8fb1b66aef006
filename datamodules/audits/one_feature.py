"""How well one feature alone tells the target, measured out of fold."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.audits.audited import Audited
from datamodules.features.moments import DATES, as_moments, moment_kind
from datamodules.splits.split import Rows

Floats = NDArray[np.float64]

FOLDS = 5
BINS, ROWS_A_BIN = 128, 10
"""Leaves of the tree: at most so many pieces, of at least so many rows, a feature's range has."""
RARE = 10
"""A class of fewer rows is not asked for."""


def told_classes(bins: Rows, labels: Rows, seed: int = 0) -> float:
    """Return how well a feature tells classes: at most 0 as chance would, 1 always.

    A piece of the feature's range foretells the class that is most over-represented there, in the
    rows of the other folds; what counts is the mean recall of the classes, less that of chance.

    Args:
        bins: (N,) the piece of each row, from 0.
        labels: (N,) classes, from 0.
        seed: deals the folds.
    """
    counts = np.bincount(labels)
    kept = counts[labels] >= RARE
    bins, labels = bins[kept], np.unique(labels[kept], return_inverse=True)[1]
    classes = int(labels.max(initial=0)) + 1
    if classes < 2:
        return 0.0
    fold_of = np.random.default_rng(seed).integers(0, FOLDS, len(labels))
    cells, size = bins * classes + labels, (int(bins.max()) + 1) * classes
    weights = 1 / np.bincount(labels)
    every = np.bincount(cells, minlength=size).reshape(-1, classes)
    told = np.empty(len(labels), dtype=np.int64)
    for fold in range(FOLDS):
        asked = fold_of == fold
        rest = every - np.bincount(cells[asked], minlength=size).reshape(-1, classes)
        told[asked] = (rest * weights).argmax(axis=1)[bins[asked]]
    recall = float((np.bincount(labels[told == labels], minlength=classes) * weights).mean())
    return (recall - 1 / classes) / (1 - 1 / classes)


def told_numbers(bins: Rows, ranks: Floats, seed: int = 0) -> float:
    """Return how much of the variance of a number's ranks a feature tells: 1 is all of it.

    Args:
        bins: (N,) the piece of the feature's range of each row, from 0.
        ranks: (N,) of the target.
        seed: deals the folds.
    """
    fold_of = np.random.default_rng(seed).integers(0, FOLDS, len(ranks))
    size = int(bins.max(initial=0)) + 1
    counts, sums = np.bincount(bins, minlength=size), np.bincount(bins, ranks, size)
    told = np.empty(len(ranks))
    for fold in range(FOLDS):
        asked = fold_of == fold
        rows = counts - np.bincount(bins[asked], minlength=size)
        total = sums - np.bincount(bins[asked], ranks[asked], size)
        mean = total.sum() / max(1, rows.sum())
        told[asked] = ((total + mean) / (rows + 1))[bins[asked]]
    spread = float(((ranks - ranks.mean()) ** 2).sum())
    return 1 - float(((ranks - told) ** 2).sum()) / spread if spread else 0.0


def told(bins: Rows, target: Floats, classes: bool, seed: int = 0) -> float:
    """Return how well a feature tells classes, or ranks of numbers, 0 to 1."""
    if classes:
        return told_classes(bins, target.astype(np.int64), seed)
    return told_numbers(bins, target, seed)


def pieces(column: pl.Series, most: int | None = None) -> Rows | None:
    """Cut the range of a column into pieces of equally many rows; missing values are one more.

    Categories, and numbers with few values, are a piece each, the rarest together in one.

    Args:
        column: of N rows.
        most: pieces; as many as rows allow by default.

    Returns:
        (N,) from 0; ``None`` where a cell holds many values.
    """
    most = most or min(BINS, max(8, len(column) // ROWS_A_BIN))
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        return None
    if moment_kind(column) == DATES:
        column = as_moments(column, DATES).to_physical()
    if not column.dtype.is_numeric() and not column.dtype.is_temporal():
        column = _by_frequency(column.cast(pl.String))
        return column.clip(0, most).to_numpy()
    values = column.to_physical().cast(pl.Float64).to_numpy()
    gaps = ~np.isfinite(values)
    known = values[~gaps]
    if not len(known):
        return np.zeros(len(values), dtype=np.int64)
    different = np.unique(known)
    edges = different
    if len(different) > most:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, most + 1)[1:-1]))
    cut: Rows = np.searchsorted(edges, np.where(gaps, different[0], values), side="right") + 1
    cut[gaps] = 0
    return cut


def targets_of(audited: Audited, places: Rows, most: int = 5) -> list[tuple[str, Floats, bool]]:
    """Return the target of some training rows: name, (N,) classes or ranks, whether classes.

    Of several labels or numbers, these are the ones that vary most.
    """
    labels = audited.labels.numpy()[places]
    kind, names = audited.spec.kind, audited.spec.names
    if kind in ("binary", "multiclass"):
        return [(audited.target[0], labels.astype(np.float64), True)]
    if kind == "multilabel":
        order = np.argsort(np.abs(labels.mean(axis=0) - 0.5), kind="stable")[:most]
        return [(names[place], labels[:, place].astype(np.float64), True) for place in order]
    return [
        (name, pl.Series(labels[:, place]).rank().to_numpy() / len(labels), False)
        for place, name in enumerate(names[:most])
    ]


def _by_frequency(column: pl.Series) -> pl.Series:
    """Return the place of each value by how often it stands there: (N,) from 0."""
    counts = column.value_counts(sort=True).sort(["count", column.name], descending=[True, False])
    places = counts.with_row_index("place").select(column.name, "place")
    joined = column.to_frame().join(
        places, on=column.name, how="left", maintain_order="left", nulls_equal=True
    )
    return joined["place"].cast(pl.Int64)
