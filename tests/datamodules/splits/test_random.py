"""Fixed shares by chance alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.splits.random import RandomSplit
from tests.datamodules.splits.rows import is_cut, parts, table, undivided


@given(st.integers(3, 80), st.floats(0, 0.3), st.floats(0, 0.3), st.integers(0, 3))
@settings(deadline=None, max_examples=40)
def test_every_row_is_in_one_part_and_shares_are_kept_to_within_a_row(count, val, test, seed):
    told = parts(RandomSplit(val, test, seed)(undivided(table(seed, count, 0))), count)
    for part, share in enumerate((1 - val - test, val, test)):
        assert abs((told == part).sum() - share * count) < 1


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=20)
def test_copies_stay_together(seed):
    together = np.random.default_rng(seed).integers(0, 25, 60)
    told = parts(RandomSplit(0.2, 0.2)(undivided(table(seed), together.tolist())), 60)
    assert (told >= 0).all()
    assert not is_cut(told, together)


def test_classes_do_not_count_but_the_seed_does():
    rows = table(0, 100)
    with_classes, without = (RandomSplit()(undivided(each)) for each in (rows, rows.drop("y")))
    assert [len(part) for part in with_classes] == [len(part) for part in without] == [70, 15, 15]
    other = RandomSplit(seed=1)(undivided(rows))
    assert other.fingerprint != with_classes.fingerprint


def test_shares_over_one_are_told():
    with pytest.raises(UserError, match=r"must leave rows to train on, got val 0.6 and test 0.5"):
        RandomSplit(0.6, 0.5)
