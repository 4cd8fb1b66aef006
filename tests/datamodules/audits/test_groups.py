"""Which columns name groups, and whether a split keeps them whole."""

import numpy as np
import polars as pl

from datamodules.audits.groups import are_whole, groups_of, whole_groups

GROUPS = np.arange(400) // 4
NAMED = pl.Series("holder", [f"H{group:04d}" for group in GROUPS])


def test_groups_that_are_cut_and_how_many_chance_would_cut(looked_at, people, parts):
    random = looked_at(people.with_columns(NAMED), parts(400))
    groups = groups_of(random, "holder")
    assert groups is not None
    assert groups.sizes.tolist() == [4] * 100
    assert abs(groups.cut.sum() - groups.random_cut) < 15
    assert not are_whole(groups)
    assert whole_groups(random) is None


def test_groups_that_are_whole_but_for_one(looked_at, people, parts):
    part = parts(100)[GROUPS]
    part[0] = (part[0] + 1) % 3
    audited = looked_at(people.with_columns(NAMED), part)
    groups, whole = groups_of(audited, "holder"), whole_groups(audited)
    assert groups is not None
    assert whole is not None
    assert groups.cut.sum() == 1
    assert np.array_equal(whole, GROUPS)


def test_columns_that_cannot_name_groups(looked_at, people, parts):
    dated = people.with_columns(seen=pl.Series(np.datetime64("2020-01-01") + GROUPS))
    audited = looked_at(dated, parts(400))
    assert groups_of(audited, "seen") is None
    assert groups_of(audited, "first") is None
