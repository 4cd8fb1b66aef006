"""Scaling beside scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import preprocessing

from datamodules.errors import UserError
from datamodules.features.steps.scaling import Clip, MinMax, Robust, Standard
from datamodules.features.steps.step import FARTHEST, Step

NUMBERS = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=60)
PAIRS = [
    (Standard(), preprocessing.StandardScaler()),
    (MinMax(), preprocessing.MinMaxScaler()),
    (MinMax(-1, 1), preprocessing.MinMaxScaler((-1, 1))),
    (Robust(), preprocessing.RobustScaler()),
    (Robust(5, 95), preprocessing.RobustScaler(quantile_range=(5, 95))),
]


def taken(step: Step, train: list[float], new: list[float]) -> np.ndarray:
    return step.apply(np.array(new), step.learn(np.array(train)))


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@given(train=NUMBERS, new=NUMBERS)
@settings(deadline=None, max_examples=60)
def test_scaling_equals_scikit_learn(ours, theirs, train, new):
    theirs.fit(np.array(train)[:, None])
    for values in (train, new):
        expected = theirs.transform(np.array(values)[:, None])[:, 0]
        # equal but for what rounding leaves of numbers of the size of these
        scale = abs(getattr(theirs, "scale_", np.ones(1))[0])
        size = max(map(abs, train + values))
        slack = 1e-12 * size * (scale if isinstance(ours, MinMax) else 1 / scale)
        assert taken(ours, train, values) == pytest.approx(expected, rel=1e-6, abs=1e-9 + slack)


@pytest.mark.parametrize("step", [Standard(), MinMax(), Robust(), Clip()])
@pytest.mark.parametrize("values", [[0.1] * 3, [1e6 + 0.3] * 7, [5.0]])
def test_a_constant_column_stays_constant_and_moderate(step, values):
    scaled = taken(step, values, [*values, values[0] + 1])
    assert np.ptp(scaled[:-1]) == 0
    assert np.abs(scaled - scaled[0]).max() <= 1 + 1e-9


NEAR = np.random.default_rng(0).uniform(-1, 1, 200).tolist()


@pytest.mark.parametrize("step", [Standard(), MinMax(), Robust(), Robust(5, 95)])
@pytest.mark.parametrize("exponent", [307, 200])
def test_numbers_whose_squares_no_float_holds_are_scaled_as_others(step, exponent):
    values = [value * 10.0**exponent for value in NEAR]
    assert taken(step, values, values) == pytest.approx(taken(step, NEAR, NEAR), abs=1e-9)
    assert np.isfinite(taken(step, values, [FARTHEST, -FARTHEST])).all()


@pytest.mark.parametrize("step", [Standard(), MinMax(), Robust()])
def test_a_number_divided_by_nearly_nothing_is_as_far_as_numbers_go(step):
    train = [0.0, 1e-20, 2e-20, 3e-20]
    assert taken(step, train, [FARTHEST, -FARTHEST]).tolist() == [FARTHEST, -FARTHEST]


def test_a_constant_column_of_any_size_is_0():
    assert taken(Standard(), [1e20 / 3] * 7, [1e20 / 3]).tolist() == [0]


def test_outliers_go_to_the_fences():
    train = [*range(100), 10_000.0]
    low, high = np.percentile(train, [25, 75])
    assert taken(Clip(), train, [-500, 3, 500]).tolist() == [
        low - 1.5 * (high - low),
        3,
        high + 1.5 * (high - low),
    ]
    assert taken(Clip(0), train, [-500, 3, 500]).tolist() == [0, 3, 500]
    mostly_one_value = [0.0] * 90 + [1, 2, 3]
    assert taken(Clip(), mostly_one_value, [-4, 2, 9]).tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: MinMax(1, 1), "low below high, not 1 and 1"),
        (lambda: Robust(75, 25), "two increasing percentages for lower and upper, not 75 and 25"),
        (lambda: Robust(0, 101), "not 0 and 101"),
        (lambda: Clip(-1), "fences -1 interquartile ranges away"),
    ],
)
def test_settings_that_make_no_sense_are_told(make, told):
    with pytest.raises(UserError, match=told):
        make()
