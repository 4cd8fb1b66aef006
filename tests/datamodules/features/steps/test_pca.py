"""Principal components beside scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA as Reference  # noqa: N811

from datamodules.errors import UserError
from datamodules.features.steps.pca import PCA
from datamodules.features.steps.step import FARTHEST


@given(
    rows=st.integers(3, 200),
    columns=st.integers(1, 6),
    components=st.sampled_from([1, 2, 0.5, 0.99]),
    whiten=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=60)
def test_components_equal_scikit_learn(rows, columns, components, whiten, seed):
    rng = np.random.default_rng(seed)
    train, new = rng.normal(3, 2, (2, rows, columns)) @ rng.normal(size=(columns, columns))
    wanted = min(components, columns)
    theirs = Reference(wanted, whiten=whiten, svd_solver="full").fit(train)
    step = PCA(wanted, whiten)
    learnt = step.learn(train)
    assert step.names(learnt) == [f"component {i + 1}" for i in range(theirs.n_components_)]
    for values in (train, new):
        found = step.apply(values, learnt)
        assert found == pytest.approx(theirs.transform(values), rel=1e-6, abs=1e-6)


def test_columns_that_do_not_vary_become_one_that_does_not():
    step = PCA()
    learnt = step.learn(np.full((9, 3), 2.5))
    assert step.apply(np.full((2, 3), 2.5), learnt).tolist() == [[0], [0]]


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("size", [1e300, 1e200])
def test_the_size_of_the_numbers_changes_no_component(size, whiten):
    train = np.random.default_rng(0).normal(size=(40, 3)) * [1, 2, 3]
    ordinary, step = PCA(2, whiten), PCA(2, whiten)
    learnt = step.learn(train * size)
    expected = ordinary.apply(train, ordinary.learn(train)) * (1 if whiten else size)
    assert step.apply(train * size, learnt) == pytest.approx(expected, rel=1e-6)
    assert np.isfinite(step.apply(np.full((1, 3), FARTHEST), learnt)).all()


@pytest.mark.parametrize("components", [0, -1, 1.5])
def test_neither_a_number_nor_a_share(components):
    with pytest.raises(UserError, match=f"between 0 and 1, not {components}"):
        PCA(components)


def test_more_components_than_there_can_be():
    with pytest.raises(UserError, match="3 components of 2 columns and 9 training rows: at most 2"):
        PCA(3).learn(np.zeros((9, 2)))
