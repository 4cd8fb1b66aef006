"""Scores of labels beside cleanlab's, and the rows that confident learning finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from datamodules.cleaning.label_quality import (
    class_thresholds,
    confident_classes,
    label_issues,
    label_quality,
    suggested,
)


def noisy(seed: int, rows: int = 400, classes: int = 4, sharpness: float = 2.0):
    """Probabilities that know the truth, more or less, and labels of which a tenth are wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, rows)
    logits = rng.normal(size=(rows, classes))
    logits[np.arange(rows), truth] += sharpness
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = truth.copy()
    wrong = rng.random(rows) < 0.1
    labels[wrong] = (truth[wrong] + rng.integers(1, classes, wrong.sum())) % classes
    return probabilities, labels, wrong


def test_quality_is_the_cosine_to_the_label():
    probabilities = np.array([[1.0, 0.0, 0.0], [0.2, 0.4, 0.4], [0.2, 0.8, 0.0], [0.0, 1.0, 0.0]])
    quality = label_quality(probabilities, np.zeros(4, dtype=np.int64))
    expected = [1.0, 0.2 / 0.6, 0.2 / np.sqrt(0.68), 0.0]
    assert quality == pytest.approx(expected)
    assert (np.diff(quality) < 0).all()  # a clear rival counts for more than doubt


def test_of_two_classes_it_ranks_as_the_probability_of_the_label():
    probabilities, labels, _ = noisy(0, classes=2)
    own = probabilities[np.arange(len(labels)), labels]
    assert (label_quality(probabilities, labels).argsort() == own.argsort()).all()


def test_rows_that_no_class_fits_are_worst_of_all():
    assert label_quality(np.zeros((1, 3)), np.array([1])) == 0


@pytest.mark.parametrize(
    "method", ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
)
@pytest.mark.parametrize(("classes", "sharpness"), [(2, 2.0), (4, 2.0), (10, 4.0)])
def test_it_ranks_wrong_labels_as_well_as_cleanlab(method, classes, sharpness):
    rank = pytest.importorskip("cleanlab.rank")
    ours, theirs = [], []
    for seed in range(10):
        probabilities, labels, wrong = noisy(seed, 400, classes, sharpness)
        ours.append(average_precision_score(wrong, -label_quality(probabilities, labels)))
        scores = rank.get_label_quality_scores(labels, probabilities, method=method)
        theirs.append(average_precision_score(wrong, -scores))
    assert np.mean(ours) > np.mean(theirs) - 0.005
    assert np.mean(ours) > 0.5


@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(20, 60),
    classes=st.integers(2, 6),
    sharpness=st.floats(0, 5),
)
@settings(deadline=None, max_examples=60, derandomize=True)
def test_issues_are_those_that_cleanlab_finds(seed, rows, classes, sharpness):
    find = pytest.importorskip("cleanlab.filter").find_label_issues
    probabilities, labels, _ = noisy(seed, rows, classes, sharpness)
    if len(np.unique(labels)) < 2:
        return
    theirs = find(labels, probabilities, filter_by="confident_learning", n_jobs=1)
    assert (label_issues(probabilities, labels) == theirs).all()


def test_a_threshold_is_what_is_usual_for_the_class():
    probabilities = np.array([[0.9, 0.1, 0.0], [0.7, 0.3, 0.0], [0.4, 0.6, 0.0]])
    thresholds = class_thresholds(probabilities, np.array([0, 0, 1]))
    assert thresholds.tolist() == pytest.approx([0.8, 0.6, np.inf])
    assert confident_classes(probabilities, np.array([0, 0, 1])).tolist() == [0, -1, 1]


def test_doubt_alone_is_no_issue():
    probabilities = np.array([[0.95, 0.05], [0.9, 0.1], [0.05, 0.95], [0.1, 0.9], [0.45, 0.55]])
    labels = np.array([0, 0, 1, 1, 0])
    assert not label_issues(probabilities, labels)[4]
    probabilities[4] = [0.02, 0.98]
    assert label_issues(probabilities, labels).tolist() == [False] * 4 + [True]


def test_the_suggestion_is_another_class():
    probabilities = np.array([[0.6, 0.3, 0.1], [0.1, 0.3, 0.6]])
    assert suggested(probabilities, np.array([0, 0])).tolist() == [1, 2]
