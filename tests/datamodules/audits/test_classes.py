"""Rare classes, classes that training does not have, and no test at all."""

import numpy as np
import polars as pl

from datamodules.audits.classes import imbalance, no_test, unseen_classes


def test_a_rare_class_is_told_with_its_share(looked_at, people, parts):
    rare = people.with_columns(y=pl.Series(np.where(np.arange(400) % 25 == 0, "sick", "well")))
    (found,) = imbalance(looked_at(rare, np.arange(400) % 3))
    assert found.severity == "info"
    assert "'sick'" in found.note
    assert imbalance(looked_at(people, parts(400))) == []


def test_of_many_classes_those_are_rare_that_are_far_below_the_largest(looked_at, people, parts):
    each = people.with_columns(y=pl.Series([f"c{row % 25}" for row in range(400)]))
    assert imbalance(looked_at(each, parts(400))) == []
    few = people.with_columns(y=pl.Series(["a", "b", "c"] * 130 + ["d"] * 10))
    (found,) = imbalance(looked_at(few, np.zeros(400, dtype=int)))
    assert found.count == 1


def test_a_class_of_held_out_rows_alone(looked_at, people):
    part = np.where(np.arange(400) < 300, 0, 2)
    rows = people.with_columns(y=pl.Series(["a", "b"] * 195 + ["c"] * 10))
    (found,) = unseen_classes(looked_at(rows, part))
    assert (found.severity, found.rows) == ("warning", list(range(390, 400)))
    assert unseen_classes(looked_at(people, part)) == []


def test_no_rows_for_a_test(looked_at, people, parts):
    (found,) = no_test(looked_at(people, np.minimum(parts(400), 1)))
    assert (found.kind, found.severity) == ("no_test", "high")
    assert no_test(looked_at(people, parts(400))) == []
