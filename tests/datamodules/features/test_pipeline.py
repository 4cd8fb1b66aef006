"""Gaps and steps beside a pipeline of scikit-learn's."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA as ReferencePCA  # noqa: N811
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer, StandardScaler

from datamodules.errors import UserError
from datamodules.features.pipeline import Fill, Pipeline
from datamodules.features.steps.pca import PCA
from datamodules.features.steps.power import Log1p, YeoJohnson
from datamodules.features.steps.scaling import MinMax, Standard

NAN = float("nan")


def fitted(table: np.ndarray, fill: Fill = "median", **options) -> Pipeline:
    pipeline = Pipeline(fill, options.pop("indicators", True), options.pop("steps", []))
    pipeline.fit(((f"c{i}", column) for i, column in enumerate(table.T)), "here")
    return pipeline


def taken(pipeline: Pipeline, table: np.ndarray) -> np.ndarray:
    return np.stack(list(pipeline(iter(table.T))), axis=1)


@st.composite
def tables(draw, columns: int = 3) -> np.ndarray:
    cells = st.none() | st.integers(-9, 9) | st.floats(-1e3, 1e3).map(lambda x: round(x, 2))
    rows = draw(st.lists(st.tuples(*[cells] * columns), min_size=1, max_size=30))
    table = np.array(rows, dtype=float)
    # scikit-learn drops a column without a value; that ours keeps it is another test
    table[0] = np.where(np.isnan(table).all(axis=0), 1.0, table[0])
    return table


@given(train=tables(), new=tables(), fill=st.sampled_from(["median", "mean", "most_frequent", 7.0]))
@settings(deadline=None, max_examples=100)
def test_fillings_and_indicators_equal_scikit_learn(train, new, fill):
    how = {"strategy": fill} if isinstance(fill, str) else {"strategy": "constant", "fill_value": 7}
    theirs = SimpleImputer(add_indicator=True, **how).fit(train)
    pipeline = fitted(train, fill)
    for table in (train, new):
        assert taken(pipeline, table) == pytest.approx(theirs.transform(table), rel=1e-9, abs=1e-9)
    features = [int(i) for i in theirs.indicator_.features_]
    assert pipeline.names == ["c0", "c1", "c2", *(f"c{i} is missing" for i in features)]


def test_steps_follow_each_other_as_in_scikit_learn():
    rng = np.random.default_rng(0)
    train, new = rng.lognormal(size=(2, 80, 3))
    train[::7, 1] = NAN
    new[::5, 0] = NAN
    theirs = make_pipeline(
        SimpleImputer(strategy="mean"),
        PowerTransformer(standardize=False),
        StandardScaler(),
        ReferencePCA(2, svd_solver="full"),
        StandardScaler(),
    ).fit(train)
    steps = [YeoJohnson(), Standard(), PCA(2), Standard()]
    pipeline = fitted(train, "mean", indicators=False, steps=steps)
    assert pipeline.names == ["component 1", "component 2"]
    for table in (train, new):
        expected = theirs.transform(table)
        assert taken(pipeline, table) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_indicators_stay_0_and_1_whatever_the_steps():
    train = np.array([[1.0, NAN], [3.0, 4.0]])
    for steps in ([MinMax(5, 6)], [MinMax(5, 6), PCA(1)]):
        assert taken(fitted(train, steps=steps), train)[:, -1].tolist() == [1, 0]


def test_a_column_without_a_value_is_0_and_marked():
    pipeline = fitted(np.array([[NAN], [NAN]]), steps=[Standard()])
    assert taken(pipeline, np.array([[NAN], [0.0]])).tolist() == [[0, 1], [0, 0]]


def test_a_step_that_refuses_names_the_column():
    with pytest.raises(
        UserError, match=r"^here: column 'c1': Log1p takes numbers above -1, not -5\.$"
    ):
        fitted(np.array([[1.0, 2.0], [1.0, -5.0]]), steps=[Log1p()])
    with pytest.raises(UserError, match=r"^here: PCA cannot make 3 components.*at most 2\.$"):
        fitted(np.ones((2, 2)), steps=[PCA(3)])


def test_a_second_fit_forgets_the_first():
    pipeline = Pipeline("median", True, [Standard(), PCA(1)])
    for table in (np.array([[1.0, NAN], [3.0, 4.0]]), np.array([[5.0], [7.0]])):
        pipeline.fit(((f"c{i}", column) for i, column in enumerate(table.T)), "here")
    once = fitted(np.array([[5.0], [7.0]]), steps=[Standard(), PCA(1)])
    assert pipeline.state_dict() == once.state_dict()


def test_the_state_is_plain():
    train = np.random.default_rng(0).normal(size=(30, 3))
    pipeline = fitted(train, steps=[YeoJohnson(), Standard(), PCA(0.9), Standard()])
    assert json.loads(json.dumps(pipeline.state_dict())) == pipeline.state_dict()


def test_nobody_makes_of_training_rows_what_nobody_asks_for():
    class Counted(Standard):
        applied = 0

        def apply(self, values, learnt):
            Counted.applied += 1
            return super().apply(values, learnt)

    values = np.arange(5.0)
    one, two = (Pipeline(0.0, False, [Counted() for _ in range(steps)]) for steps in (1, 2))
    one.fit([("x", values)], "here")
    assert Counted.applied == 0
    two.fit([("x", values * 3 + 1)], "here")
    assert Counted.applied == 1
    assert two.learnt[0][1] == pytest.approx(two.steps[1].learn((values - 2) / values.std()))
