"""Pairs of rows, and the nearest partner of each."""

import numpy as np
import polars as pl

from datamodules.near_duplicates.distinct import contents, distinct
from datamodules.near_duplicates.pairs import Pairs, nearest_of_each, outstanding


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


def test_equally_near_partners_are_all_kept_or_the_first_across_parts():
    ends, equal = np.array([[0, 2], [1, 2], [0, 3]]), np.array([0.1, 0.1, 0.5])
    assert nearest_of_each(ends, equal, None).tolist() == [0, 1, 2]
    assert nearest_of_each(ends, equal, np.array([0, 0, 1, 0])).tolist() == [0]


def test_a_partner_stands_out_where_the_next_is_far():
    ends = np.array([[0, 3], [1, 3], [2, 3], [0, 4], [1, 4]])
    distance = np.array([0.1, 0.1, 0.3, 0.1, 0.15])
    parts = np.array([0, 0, 0, 1, 1])
    near = outstanding(ends, distance, parts, 0.5)
    assert near.tolist() == [True, True, False, False, False]  # 0 and 1 are copies, seen from 3
    assert outstanding(ends[:1], distance[:1], None, 0.5).tolist() == [True]
    assert outstanding(ends[:0], distance[:0], parts, 0.5).tolist() == []


def test_without_parts_a_partner_has_to_stand_out_from_both_ends():
    ends, distance = np.array([[0, 1], [1, 2]]), np.array([0.1, 0.15])
    assert outstanding(ends, distance, None, 0.9).tolist() == [True, False]
    assert outstanding(ends, distance, None, 0.5).tolist() == [False, False]


def test_one_row_of_each_content_and_part():
    content = contents(pl.Series(["a", "b", "a", "a", None, None]))
    assert sorted(distinct(content, None).tolist()) == [0, 1, 4]
    assert sorted(distinct(content, np.array([0, 0, 0, 1, 1, 1])).tolist()) == [0, 1, 3, 4]


def test_contents_are_numbered_and_stand_in_an_order_of_their_own():
    texts = np.array([str(number) for number in range(30)] * 2)
    moved = np.random.default_rng(0).permutation(60)
    content = contents(pl.Series(texts))
    assert (contents(pl.Series(texts[moved])) == content[moved]).all()
    assert (texts[moved][distinct(content[moved], None)] == texts[distinct(content, None)]).all()
