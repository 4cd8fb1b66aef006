"""Powers and logarithms beside scikit-learn's."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.preprocessing import FunctionTransformer, PowerTransformer

from datamodules.errors import UserError
from datamodules.features.steps.power import Log1p, YeoJohnson

NUMBERS = st.lists(st.floats(-100, 100).map(lambda x: round(x, 2)), min_size=5, max_size=60)


@given(train=NUMBERS, new=NUMBERS)
@settings(deadline=None, max_examples=60)
def test_yeo_johnson_equals_scikit_learn(train, new):
    assume(len(set(train)) > 3)
    theirs = PowerTransformer(standardize=False).fit(np.array(train)[:, None])
    assume(abs(theirs.lambdas_[0]) < 5)
    step = YeoJohnson()
    learnt = step.learn(np.array(train))
    for values in (train, new):
        expected = theirs.transform(np.array(values)[:, None])[:, 0]
        found = step.apply(np.array(values), learnt)
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("exponent", [0.0, 2.0, 0.5, -1.0, 1.0])
def test_every_exponent_equals_scipy(exponent):
    values = np.linspace(-5, 5, 41)
    found = YeoJohnson().apply(values, {"exponent": exponent})
    assert found == pytest.approx(stats.yeojohnson(values, exponent), rel=1e-12, abs=1e-12)


def test_a_constant_column_and_far_values_stay_finite():
    step = YeoJohnson()
    learnt = step.learn(np.full(9, 3.5))
    assert step.apply(np.array([3.5, -2.0]), learnt) == pytest.approx([3.5, -2.0])
    assert np.isfinite(step.apply(np.array([1e300, -1e300]), {"exponent": 3.0})).all()
    far = np.array([1e307, -1e307, 1.0])
    assert step.learn(far) == {"exponent": 1.0}


@given(train=st.lists(st.floats(-0.99, 1e9), min_size=1), new=st.lists(st.floats(-0.99, 1e9)))
@settings(deadline=None)
def test_log1p_equals_scikit_learn(train, new):
    step = Log1p()
    expected = FunctionTransformer(np.log1p).fit_transform(np.array(new))
    assert step.apply(np.array(new), step.learn(np.array(train))) == pytest.approx(expected)


def test_numbers_without_a_logarithm():
    step = Log1p()
    with pytest.raises(UserError, match="numbers above -1, not -3"):
        step.learn(np.array([2.0, -3.0]))
    learnt = step.learn(np.array([2.0, 0.5]))
    assert step.apply(np.array([-1.0, -7.0]), learnt) == pytest.approx([np.log(1.5)] * 2)
