"""The fingerprint of a split."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.splits.split import Split

PARTS = st.lists(st.integers(0, 2), max_size=30)


def split(parts: list[int]) -> Split:
    rows = np.arange(len(parts))
    return Split(*(rows[np.array(parts, dtype=int) == part] for part in range(3)))


@given(PARTS, PARTS)
@settings(deadline=None)
def test_equal_splits_and_no_others_have_equal_fingerprints(first, second):
    same = first == second
    assert (split(first).fingerprint == split(second).fingerprint) == same


def test_it_is_the_same_on_every_machine():
    parts = split([0, 0, 1, 2, 0])
    assert parts.fingerprint == "bec28f0125011e3d"
    narrow = Split(*(part.astype(">i4") for part in parts))
    assert narrow.fingerprint == parts.fingerprint
