"""For which classes precision is drawn against recall."""

from collections.abc import Iterator

from torch import Tensor

from callbacks.pictures.judged import Judged

MOST_CURVES = 20
"""Curves that a page has room for."""


def curves(judged: Judged) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Yield name, truth (N,) of 0 and 1, and probability (N,) of classes, one against the rest.

    The second of two classes; else all, or the rarest in training, where there are many. A class
    without a row has no curve.

    Args:
        judged: rows of classes or of labels.
    """
    names, probability = judged.spec.names, judged.probability
    assert probability is not None
    counts = judged.spec.counts or [0] * len(names)
    for place in chosen_classes(judged.spec.kind == "binary", counts):
        of_class = judged.target[:, place] if judged.target.ndim == 2 else judged.target == place
        if of_class.any():
            yield names[place], of_class.long(), probability[:, place]


def chosen_classes(binary: bool, counts: list[int]) -> list[int]:
    """Return which classes have a curve, in their order.

    Args:
        binary: whether there are two, of which one tells all.
        counts: training rows of each class; of equal ones the first are chosen.
    """
    if binary:
        return [1]
    places = range(len(counts))
    return sorted(sorted(places, key=lambda place: counts[place])[:MOST_CURVES])
