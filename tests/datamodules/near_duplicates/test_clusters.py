"""Rows that belong together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datamodules.near_duplicates.clusters import clusters_of
from datamodules.near_duplicates.pairs import Pairs


def pairs_of(*ends: tuple[int, int], distance: list[float] | None = None) -> Pairs:
    far = np.arange(len(ends)) / 10 if distance is None else np.array(distance)
    return Pairs.of(np.array(ends, dtype=np.int64).reshape(-1, 2), far)


def test_a_row_alone_is_its_own_cluster():
    assert clusters_of(Pairs.none(), 3).tolist() == [0, 1, 2]
    assert clusters_of(Pairs.none(), 0).tolist() == []


def test_a_centre_takes_its_partners_and_no_chain_grows():
    assert clusters_of(pairs_of((1, 2), (2, 4)), 5).tolist() == [0, 1, 1, 3, 1]
    chain = pairs_of(*((row, row + 1) for row in range(9)), distance=[0.1] * 9)
    sizes = np.bincount(clusters_of(chain, 10))
    assert sizes.max() == 3


def test_copies_stay_together_and_count_once():
    content = np.array([7, 3, 7, 5, 7])
    assert clusters_of(Pairs.none(), 5, content=content).tolist() == [0, 1, 0, 3, 0]
    near = clusters_of(pairs_of((1, 2)), 5, most=2, content=content)
    assert near.tolist() == [0, 0, 0, 3, 0]


def test_a_cluster_is_capped_and_keeps_the_nearest():
    star = pairs_of((0, 1), (0, 2), (0, 3), distance=[0.3, 0.1, 0.2])
    assert clusters_of(star, 4, most=3).tolist() == [0, 1, 0, 0]


@given(
    ends=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=60),
    most=st.integers(1, 6),
)
def test_each_member_is_a_partner_of_one_that_all_have_in_common(ends, most):
    ends = [(a, b) for a, b in ends if a != b]
    found = clusters_of(pairs_of(*ends), 20, most=most)
    partners = {frozenset(pair) for pair in ends}
    for cluster in np.unique(found):
        members = np.flatnonzero(found == cluster).tolist()
        assert len(members) <= most
        assert min(members) == cluster
        assert any(
            all(m == centre or frozenset((m, centre)) in partners for m in members)
            for centre in members
        )


@given(
    ends=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30),
    away=st.lists(st.sampled_from([0.1, 0.2]), min_size=30, max_size=30),
    order=st.permutations(range(12)),
    copies=st.integers(1, 12),
    most=st.integers(1, 5),
)
def test_the_order_of_rows_changes_nothing(ends, away, order, copies, most):
    pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
    distance, moved = np.array(away[: len(pairs)]), np.array(order)
    content = np.arange(12) % copies
    before = clusters_of(Pairs.of(pairs, distance), 12, most=most, content=content)
    content_moved = np.empty(12, dtype=np.int64)
    content_moved[moved] = content
    after = clusters_of(Pairs.of(moved[pairs], distance), 12, most=most, content=content_moved)
    after = after[moved]
    assert ((before[:, None] == before) == (after[:, None] == after)).all()
