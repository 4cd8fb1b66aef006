"""Which classes are taken for which."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, bincount

from callbacks.pictures.canvas import Pixels, as_pixels, label, new_figure

MOST_CLASSES = 30
"""Classes that a matrix can show with legible counts."""
CHARACTER = 0.09
"""Width of a character of a class's name, in inches."""

Counts = NDArray[np.int64]


def confusion_counts(target: Tensor, prediction: Tensor, classes: int) -> Counts:
    """Return how many rows of each true class (first axis) were given each class: (C, C).

    Args:
        target: (N,) int64.
        prediction: (N,) int64.
        classes: C.
    """
    pairs = bincount(target * classes + prediction, minlength=classes * classes)
    counts: Counts = pairs.reshape(classes, classes).numpy()
    return counts


def most_confused(counts: Counts, most: int = MOST_CLASSES) -> list[int]:
    """Return the classes with the most mistakes to or from them, in their order, at most ``most``.

    Args:
        counts: (C, C).
        most: how many.
    """
    mistakes = counts - np.diag(counts.diagonal())
    involved = mistakes.sum(axis=0) + mistakes.sum(axis=1)
    return sorted(int(place) for place in (-involved).argsort(kind="stable")[:most])


def draw_confusion(counts: Counts, names: list[str], title: str) -> Pixels:
    """Draw counts in cells that are coloured by their share of the true class's rows.

    Args:
        counts: (C, C), true classes first.
        names: C class names.
        title: what rows these are.
    """
    shown = most_confused(counts)
    rows = counts.sum(axis=1, keepdims=True)[shown]  # of the whole class, also of classes not shown
    cells = counts[np.ix_(shown, shown)]
    share = cells / np.maximum(rows, 1)
    if len(shown) < len(counts):
        title = f"{title}; the {len(shown)} most confused of {len(counts)} classes"
    side = 2.8 + 0.34 * max(4, len(shown))
    figure = new_figure(side, side)
    axes = figure.add_subplot()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    words = [label(names[place]) for place in shown]
    turned = max(map(len, words)) * CHARACTER > side / (len(shown) + 2)
    axes.set_xticks(range(len(shown)), words, rotation=90 if turned else 0)
    axes.set_yticks(range(len(shown)), words)
    size = 12 if len(shown) <= 12 else 9
    for (row, column), count in np.ndenumerate(cells):
        if count:
            colour = "white" if share[row, column] > 0.6 else "black"
            text = short(int(count))
            axes.text(column, row, text, ha="center", va="center", color=colour, size=size)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(title, size=11, wrap=True)
    return as_pixels(figure)


def short(count: int) -> str:
    """Return a count in at most four characters."""
    return str(count) if count < 10_000 else f"{count / 1000:.0f}k"
