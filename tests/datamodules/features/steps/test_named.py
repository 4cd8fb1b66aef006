"""Words for ways to scale."""

from typing import get_args

import numpy as np
import pytest
from sklearn import preprocessing

from datamodules.features.steps.named import Scaling, scaled

THEIRS = {
    "quantile": preprocessing.QuantileTransformer(output_distribution="normal", n_quantiles=60),
    "standard": preprocessing.StandardScaler(),
    "minmax": preprocessing.MinMaxScaler(),
    "robust": preprocessing.RobustScaler(),
}


@pytest.mark.parametrize("scaling", get_args(Scaling))
def test_each_word_is_scikit_learns_of_that_name(scaling):
    values = np.random.default_rng(0).lognormal(size=60)
    (step,) = scaled(scaling)
    inside = np.argsort(values)[1:-1]  # the ends of normal scores differ
    found = step.apply(values, step.learn(values))
    expected = THEIRS[scaling].fit_transform(values[:, None])[:, 0]
    assert found[inside] == pytest.approx(expected[inside], abs=1e-6)
