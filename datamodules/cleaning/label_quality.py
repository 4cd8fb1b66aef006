"""Which labels are likely to be wrong, from class probabilities that did not learn from them."""

import numpy as np
from numpy.typing import NDArray

from datamodules.splits.split import Rows

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

SLACK = 1e-6
"""By so much a probability may miss a threshold: the mean of equal numbers need not equal them."""


def label_quality(probabilities: Floats, labels: Rows) -> Floats:
    """Return how well each label fits: 1 where it is certain, 0 where it is impossible.

    The cosine between the probabilities and the label, ``p_y / sqrt(sum_c p_c^2)``. It falls with
    the label's own probability, as 'self-confidence' does, and where that is equal it is lower the
    more the rest is of one class: a clear rival counts for more than doubt. Of two classes it ranks
    as the label's probability does.

    Args:
        probabilities: (N, C), out of fold.
        labels: (N,) classes as they are given.

    Returns:
        (N,)
    """
    own = probabilities[np.arange(len(labels)), labels]
    lengths = np.sqrt((probabilities**2).sum(axis=1))
    quality: Floats = own / np.maximum(lengths, np.finfo(np.float64).tiny)
    return quality


def class_thresholds(probabilities: Floats, labels: Rows) -> Floats:
    """Return the mean probability of each class over the rows that are labelled so.

    Northcutt et al. 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels", equation
    2. A class that labels no row has a threshold that nothing reaches.

    Args:
        probabilities: (N, C), out of fold.
        labels: (N,) classes as they are given.

    Returns:
        (C,)
    """
    classes = probabilities.shape[1]
    counts = np.bincount(labels, minlength=classes)
    own = probabilities[np.arange(len(labels)), labels]
    sums = np.bincount(labels, own, minlength=classes)
    thresholds: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    return np.maximum(thresholds, SLACK)


def confident_classes(probabilities: Floats, labels: Rows) -> Rows:
    """Return the class that each row belongs to with confidence, -1 where there is none.

    It is the class whose threshold is reached; where several are, the likeliest class. Northcutt et
    al. 2021, equation 1, as cleanlab reads it.

    Args:
        probabilities: (N, C), out of fold.
        labels: (N,) classes as they are given.

    Returns:
        (N,)
    """
    reached = probabilities >= class_thresholds(probabilities, labels) - SLACK
    count = reached.sum(axis=1)
    classes = np.where(count > 1, probabilities.argmax(axis=1), reached.argmax(axis=1))
    return np.where(count > 0, classes, -1)


def label_issues(probabilities: Floats, labels: Rows) -> Marks:
    """Tell which rows belong, with confidence, to another class than they are given.

    These are the rows off the diagonal of the confident joint of Northcutt et al. 2021, less those
    whose own label is the likeliest after all. No number has to be chosen: rows are compared with
    what is usual for their class.

    Args:
        probabilities: (N, C), out of fold.
        labels: (N,) classes as they are given.

    Returns:
        (N,)
    """
    confident = confident_classes(probabilities, labels)
    own = probabilities[np.arange(len(labels)), labels]
    issues: Marks = (confident >= 0) & (confident != labels) & (own < probabilities.max(axis=1))
    return issues


def suggested(probabilities: Floats, labels: Rows) -> Rows:
    """Return the likeliest class of each row other than its label: (N,)."""
    others = probabilities.copy()
    others[np.arange(len(labels)), labels] = -1.0
    likeliest: Rows = others.argmax(axis=1)
    return likeliest
