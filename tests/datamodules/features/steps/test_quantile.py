"""Normal scores beside scikit-learn's."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import QuantileTransformer

from datamodules.errors import UserError
from datamodules.features.steps.quantile import Quantile

NUMBERS = st.lists(st.floats(-1e4, 1e4).map(lambda x: round(x, 1)), min_size=2, max_size=80)


@given(train=NUMBERS, new=NUMBERS, knots=st.sampled_from([2, 5, 256]))
@settings(deadline=None, max_examples=100)
def test_between_ranks_it_equals_scikit_learn(train, new, knots):
    theirs = QuantileTransformer(
        n_quantiles=min(knots, len(train)), output_distribution="normal", subsample=None
    )
    theirs.fit(np.array(train)[:, None])
    step = Quantile(knots, between="ranks")
    learnt = step.learn(np.array(train))
    for values in (train, new):
        expected = theirs.transform(np.array(values)[:, None])[:, 0]
        found = step.apply(np.array(values), learnt)
        assert found == pytest.approx(expected, abs=1e-6)


@given(train=st.lists(st.integers(0, 10**6), min_size=3, max_size=80, unique=True))
@settings(deadline=None)
def test_between_scores_the_knots_have_scikit_learns_scores_and_the_ends_their_own(train):
    values = np.array(sorted(train), dtype=float)
    theirs = QuantileTransformer(n_quantiles=len(train), output_distribution="normal")
    expected = theirs.fit_transform(values[:, None])[:, 0]
    step = Quantile()
    found = step.apply(values, step.learn(values))
    assert found[1:-1] == pytest.approx(expected[1:-1], abs=1e-6)
    end = NormalDist().inv_cdf(1 - 0.5 / len(train))
    assert (found[0], found[-1]) == pytest.approx((-end, end))


def test_one_knot_is_refused():
    with pytest.raises(UserError, match="at least 2 knots, not 1"):
        Quantile(1)


@given(
    train=st.lists(st.floats(-8e307, 8e307), min_size=1, max_size=60),
    new=st.lists(st.floats(-8e307, 8e307), min_size=1, max_size=60),
)
@example(train=[8e307], new=[-8e307])
@settings(deadline=None)
def test_between_scores_it_is_interpolated_as_numpy_does(train, new):
    step = Quantile()
    learnt = step.learn(np.array(train))
    knots, scores = learnt["knots"], learnt["scores"]
    expected = np.interp(new, knots, scores)
    assert step.apply(np.array(new), learnt) == pytest.approx(expected, rel=1e-9, abs=1e-9)
