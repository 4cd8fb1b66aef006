"""Which classes have a curve, and of what."""

import torch

from callbacks.pictures.judged import Judged
from callbacks.pictures.precision_recall import chosen_classes, curves
from datamodules.spec import TargetSpec


def test_of_two_classes_the_second_tells_all():
    assert chosen_classes(True, [5, 9]) == [1]


def test_of_many_the_rarest_in_their_order():
    assert chosen_classes(False, [3, 1, 2]) == [0, 1, 2]
    counts = [9] * 15 + [1] * 18 + [9] * 5
    assert chosen_classes(False, counts) == [0, 1, *range(15, 33)]


def test_where_nothing_says_which_are_rare_the_first_have_a_curve():
    names = [f"{place:02}" for place in reversed(range(25))]
    rows = torch.arange(25)
    judged = Judged(TargetSpec("multiclass", names), rows, rows, rows, torch.rand(25, 25))
    assert [name for name, _, _ in curves(judged)] == names[:20]


def test_a_class_stands_against_the_rest(classes):
    found = {name: (truth.tolist(), p) for name, truth, p in curves(classes)}
    assert found.keys() == {"ant", "bee", "cat"}
    assert found["cat"][0] == [0, 0, 0, 1, 1]
    assert found["cat"][1].equal(classes.probability[:, 2])


def test_labels_have_a_curve_each(labels):
    found = {name: truth.tolist() for name, truth, _ in curves(labels)}
    assert found == {"ant": [1, 0, 0], "bee": [0, 1, 0], "cat": [0, 0, 1]}


def test_a_class_without_a_row_has_none():
    spec = TargetSpec("binary", ["no", "yes"], counts=[3, 4])
    nobody = torch.zeros(2, dtype=torch.int64)
    assert list(curves(Judged(spec, nobody, nobody, nobody, torch.rand(2, 2)))) == []
