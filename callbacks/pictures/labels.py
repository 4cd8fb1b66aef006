"""Labels that are found, missed or given in vain."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from callbacks.pictures.canvas import BLUE, ORANGE, RED, Pixels, as_pixels, label, new_figure

MOST_LABELS = 30
"""Labels that a picture has room for."""

Counts = NDArray[np.int64]


def label_counts(target: Tensor, prediction: Tensor) -> Counts:
    """Return rows in which each label was found, missed and given in vain: (3, C).

    Args:
        target: (N, C) marks.
        prediction: (N, C) marks.
    """
    true, said = target.bool(), prediction.bool()
    found, missed, vain = (true & said).sum(0), (true & ~said).sum(0), (~true & said).sum(0)
    return np.stack([found.numpy(), missed.numpy(), vain.numpy()])


def draw_labels(counts: Counts, names: list[str], title: str) -> Pixels:
    """Draw a bar for each label, the one with the most mistakes first.

    Args:
        counts: (3, C), as from :func:`label_counts`.
        names: C labels.
        title: what rows these are.
    """
    order = (-counts[1:].sum(axis=0)).argsort(kind="stable")[:MOST_LABELS]
    if len(order) < len(names):
        title = f"{title}; {len(order)} of {len(names)} labels"
    figure = new_figure(7, 1.6 + 0.28 * len(order))
    axes = figure.add_subplot()
    begin = np.zeros(len(order), dtype=np.int64)
    told = (("found", BLUE), ("missed", ORANGE), ("given in vain", RED))
    for (what, colour), numbers in zip(told, counts[:, order], strict=True):
        axes.barh(range(len(order)), numbers, left=begin, color=colour, label=what)
        begin = begin + numbers
    axes.set_yticks(range(len(order)), [label(names[place], 24) for place in order])
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set_xlabel("rows")
    figure.suptitle(title, size=11)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return as_pixels(figure)
