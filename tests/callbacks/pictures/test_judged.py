"""How wrong a row is, which rows are looked at, and what is told of them."""

import pytest
import torch

from callbacks.pictures.judged import Judged


def test_a_class_is_as_bad_as_the_truth_is_unlikely(classes):
    assert classes.badness().tolist() == pytest.approx([0.2, 0.7, 0.2, 0.6, 0.9])
    assert classes.wrong().tolist() == [False, True, False, False, True]


def test_labels_are_as_bad_as_the_worst_of_them(labels):
    assert labels.badness().tolist() == pytest.approx([0.2, 0.6, 0.7])
    assert labels.wrong().tolist() == [False, True, True]


def test_numbers_are_as_bad_as_the_worst_in_its_deviations(numbers):
    assert numbers.badness().tolist() == pytest.approx([0.5, 2.0, 0.5])
    assert numbers.wrong().all()


def test_the_worst_come_first(classes, numbers):
    assert classes.worst(3) == [4, 1, 3]
    assert classes.worst(3, only_wrong=True) == [4, 1]
    assert numbers.worst(9) == [1, 0, 2]


def test_some_rows_are_the_same_each_time(classes):
    some = classes.some(3)
    assert some == classes.some(3)
    assert len(set(some)) == 3
    assert some == sorted(some)
    assert classes.some(9) == [0, 1, 2, 3, 4]
    many = Judged(classes.spec, torch.arange(1000), torch.zeros(1000), torch.zeros(1000))
    assert many.some(3) != [0, 1, 2]


@pytest.mark.parametrize(
    ("kind", "place", "told"),
    [
        ("multiclass", 4, ("cat", "bee", "90%")),
        ("multilabel", 1, ("bee", "ant | bee", "ant 60%")),
        ("multilabel", 2, ("cat", "none", "cat 30%")),
        ("regression", 1, ("2, 200", "4, 200", "+2, +0")),
    ],
)
def test_a_row_is_told_in_the_users_words(every_kind, kind, place, told):
    judged = every_kind(kind)
    assert (judged.truth(place), judged.said(place), judged.doubt(place)) == told
