"""Which classes are taken for which, against scikit-learn, and drawn for any number of classes."""

import itertools

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix

from callbacks.pictures.confusion import confusion_counts, draw_confusion, most_confused, short


def test_counts_are_those_of_scikit_learn():
    target, prediction = torch.randint(0, 5, (2, 200))
    counts = confusion_counts(target, prediction, 6)  # one class has no row
    expected = confusion_matrix(target, prediction, labels=range(6))
    assert counts.tolist() == expected.tolist()


def test_the_most_confused_are_those_with_mistakes_to_or_from_them():
    counts = np.diag([9, 9, 9, 9, 9])
    counts[1, 3] = 4
    counts[4, 3] = 1
    assert most_confused(counts, 2) == [1, 3]
    assert most_confused(counts, 3) == [1, 3, 4]
    assert most_confused(counts, 9) == [0, 1, 2, 3, 4]


def test_cells_hold_counts_and_are_coloured_by_the_share_of_the_true_class(drawn):
    counts = np.array([[3, 1], [0, 96]])
    pixels = draw_confusion(counts, ["no", "yes"], "100 rows")
    (axes,) = drawn[0].axes
    cells = {text.get_position(): text.get_text() for text in axes.texts}
    assert cells == {(0, 0): "3", (1, 0): "1", (1, 1): "96"}  # (predicted, true); no zeros
    assert axes.images[0].get_array().tolist() == [[0.75, 0.25], [0.0, 1.0]]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["no", "yes"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    assert pixels.ndim == 3


def test_of_many_classes_the_most_confused_are_drawn(drawn):
    counts = np.diag(np.full(40, 10))
    counts[7, 33] = 10
    draw_confusion(counts, [f"class {place}" for place in range(40)], "400 rows")
    (axes,) = drawn[0].axes
    assert axes.images[0].get_array().shape == (30, 30)
    assert axes.get_title() == "400 rows; the 30 most confused of 40 classes"
    words = [text.get_text() for text in axes.get_yticklabels()]
    assert {"class 7", "class 33"} <= set(words)


def test_a_share_is_of_all_rows_also_those_given_to_classes_not_shown(drawn):
    counts = np.diag(np.full(31, 10))
    for place in range(30):
        counts[place, (place + 1) % 30] = 5
    counts[29, 30] = 1  # the class with the fewest mistakes
    draw_confusion(counts, [f"class {place}" for place in range(31)], "rows")
    share = drawn[0].axes[0].images[0].get_array()
    assert share[28].sum() == pytest.approx(1)
    assert share[29].sum() == pytest.approx(15 / 16)


@pytest.mark.parametrize("classes", [2, 10, 30])
def test_no_label_covers_another(drawn, classes):
    names = [f"a long name, number {place}" for place in range(classes)]
    draw_confusion(np.diag(np.full(classes, 9999)), names, "rows")
    (axes,) = drawn[0].axes
    for texts in (axes.get_xticklabels(), axes.get_yticklabels(), axes.texts):
        boxes = [text.get_window_extent() for text in texts]
        assert not any(one.overlaps(other) for one, other in itertools.pairwise(boxes))
    inside = drawn[0].bbox
    for text in (*axes.get_xticklabels(), axes.xaxis.label, axes.yaxis.label, axes.title):
        box = text.get_window_extent()
        assert inside.x0 <= box.x0
        assert box.x1 <= inside.x1
        assert inside.y0 <= box.y0


def test_counts_are_short():
    assert [short(count) for count in (0, 9999, 10_000, 123_456)] == ["0", "9999", "10k", "123k"]
