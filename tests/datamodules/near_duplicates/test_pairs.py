"""Pairs of rows, and the nearest partner of each."""

import numpy as np
import polars as pl

from datamodules.near_duplicates.distinct import contents, distinct
from datamodules.near_duplicates.pairs import Pairs, nearest_of_each


def test_pairs_stand_in_order():
    pairs = Pairs.of(np.array([[5, 2], [1, 3]]), np.array([0.2, 0.1]))
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([1, 2], [3, 5])
    assert len(Pairs.none()) == 0


def test_each_row_keeps_its_nearest_partner():
    ends = np.array([[0, 3], [1, 3], [2, 3], [2, 4]])
    distance = np.array([0.3, 0.1, 0.2, 0.5])
    parts = np.array([0, 0, 0, 1, 1])
    assert nearest_of_each(ends, distance, parts).tolist() == [1, 3]
    assert nearest_of_each(ends, distance, None).tolist() == [0, 1, 2, 3]


def test_one_row_of_each_content_and_part():
    content = contents(pl.Series(["a", "b", "a", "a", None, None]))
    assert distinct(content, None).tolist() == [0, 1, 4]
    assert distinct(content, np.array([0, 0, 0, 1, 1, 1])).tolist() == [0, 1, 3, 4]
