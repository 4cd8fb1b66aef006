"""How well one feature tells the target, held against trees and closed forms."""

import numpy as np
import polars as pl
import pytest

from datamodules.audits.one_feature import pieces, told_classes, told_numbers
from datamodules.splits.split import Rows


def cut(column: pl.Series, most: int | None = None) -> Rows:
    bins = pieces(column, most)
    assert bins is not None
    return bins


def test_classes_that_a_feature_is_and_is_not(rng):
    labels = rng.integers(0, 4, 2000)
    assert told_classes(labels, labels) == pytest.approx(1)
    assert told_classes(rng.integers(0, 4, 2000), labels) < 0.06


def test_half_of_the_labels_known_is_half_told(rng):
    labels = rng.integers(0, 2, 4000)
    known = rng.random(4000) < 0.5
    feature = np.where(known, labels, rng.integers(0, 2, 4000))
    assert told_classes(feature, labels) == pytest.approx(0.5, abs=0.05)


def test_rare_classes_count_as_much_as_others(rng):
    labels = (rng.random(4000) < 0.05).astype(int)
    assert told_classes(np.zeros(4000, dtype=int), labels) < 0.01


def test_numbers_as_a_tree_of_scikit_learn_does(rng):
    from sklearn.model_selection import cross_val_score
    from sklearn.tree import DecisionTreeRegressor

    feature = rng.normal(size=1500)
    target = np.argsort(np.argsort(feature + 0.5 * rng.normal(size=1500))) / 1500
    bins = cut(pl.Series(feature))
    tree = DecisionTreeRegressor(max_leaf_nodes=100, min_samples_leaf=10)
    theirs = cross_val_score(tree, feature[:, None], target, cv=5, scoring="r2").mean()
    assert told_numbers(bins, target) == pytest.approx(theirs, abs=0.04)


def test_pieces_of_numbers_words_and_gaps():
    numbers = cut(pl.Series([1.0, None, 2.0, 3.0, 3.0]), 8)
    assert numbers[1] == 0
    assert len(set(numbers.tolist())) == 4
    assert numbers[3] == numbers[4]
    words = cut(pl.Series(["b", "a", "b", None]), 8)
    assert words[0] == words[2] != words[1]
    assert pieces(pl.Series([[1], [2]])) is None
    dates = cut(pl.Series(["2020-01-01", "2020-01-02", "2021-05-05"] * 5), 8)
    assert len(set(dates.tolist())) == 3
