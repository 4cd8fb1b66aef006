"""What a model must beat: the majority or the mean, and scikit-learn on the same split."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from datamodules.features.categorical import Categorical
from datamodules.features.numeric import Numeric
from datamodules.features.table import TableFeatures
from datamodules.features.text import TextFeatures
from datamodules.records import Records
from datamodules.splits.split import Rows
from datamodules.supervised import SupervisedDataModule

Array = NDArray[Any]
Figures = dict[str, float]


def baselines(data: SupervisedDataModule, records: Records) -> dict[str, Figures]:
    """Return the held-out figures of the trivial and the classical baseline, by their names.

    Both learn from the training rows alone; the validation rows, with which the model stops early
    and picks its best epoch, are not given to them: they need neither.

    Args:
        data: prepared; it says which rows are whose.
        records: what its source gives.
    """
    data.setup("test")
    assert data.split is not None
    assert data.store is not None
    assert data.store.target is not None
    assert data.trained is not None
    kind = data.spec.target.kind if data.spec.target else "binary"
    target = data.store.target.numpy()
    if kind == "regression":
        target = target[:, 0]
    name, model, inputs = _classical(data, records, kind)
    trivial = DummyRegressor() if kind == "regression" else DummyClassifier(strategy="prior")
    contestants = {"mean" if kind == "regression" else "majority": trivial, name: model}
    train, test = data.split.train, data.split.test
    return {
        name: _FIGURES[kind](model.fit(inputs[train], target[train]), inputs[test], target[test])
        for name, model in contestants.items()
    }


def _classical(data: SupervisedDataModule, records: Records, kind: str) -> tuple[str, Any, Any]:
    assert data.trained is not None
    features = data.trained.features
    if records.images is not None:
        pixels = records.images.flatten(1).numpy() / 255
        linear = LogisticRegression(max_iter=2000)
        return "logistic regression", make_pipeline(StandardScaler(), linear), pixels
    if isinstance(features, TextFeatures):
        texts = np.array(records.frame[features.text].fill_null("").to_list(), dtype=object)
        linear = LogisticRegression(max_iter=2000, C=10)
        model = OneVsRestClassifier(linear) if kind == "multilabel" else linear
        vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        return "TF-IDF + logistic regression", make_pipeline(vectors, model), texts
    assert isinstance(features, TableFeatures)
    assert data.split is not None
    table, categories = _table(features, records, data.split.train)
    boosting = (
        HistGradientBoostingRegressor if kind == "regression" else HistGradientBoostingClassifier
    )
    return "HistGradientBoosting", boosting(categorical_features=categories, random_state=0), table


def _table(given: TableFeatures, records: Records, train: Rows) -> tuple[Array, list[bool]]:
    """Return raw numbers and ids of categories: boosting wants no scaling and takes NaN.

    What a config makes of some columns is its own affair: boosting gets the columns.
    """
    features = TableFeatures(Numeric([]), Categorical([]), given.as_category, given.skip)
    features.fit(records.take(train))
    columns = [name for part in features.picked if not part.id_names for name in part.columns]
    numbers = [_raw(records.frame[name])[:, None] for name in columns]
    ids = features.ids(records.frame).double().numpy()
    # scikit-learn takes at most 255 categories; beyond that an id is a number
    few = [size <= 255 for part in features.all for size in part.cardinalities]
    return np.concatenate([*numbers, ids], axis=1), [False] * len(numbers) + few


def _raw(column: pl.Series) -> Array:
    if column.dtype.is_temporal():
        column = column.to_physical()
    values: Array = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return values


def _binary(model: Any, inputs: Array, target: Array) -> Figures:
    score = model.predict_proba(inputs)[:, 1]
    return {
        "accuracy": float(accuracy_score(target, model.predict(inputs))),
        "auroc": float(roc_auc_score(target, score)),
        "average_precision": float(average_precision_score(target, score)),
        "f1": float(f1_score(target, model.predict(inputs), zero_division=0)),
    }


def _multiclass(model: Any, inputs: Array, target: Array) -> Figures:
    predicted = model.predict(inputs)
    return {
        "accuracy": float(accuracy_score(target, predicted)),
        "f1": float(f1_score(target, predicted, average="macro")),
    }


def _multilabel(model: Any, inputs: Array, target: Array) -> Figures:
    probability = np.asarray(model.predict_proba(inputs))
    if probability.ndim == 3:  # a list of (N, 2), one for each label
        probability = probability[:, :, 1].T
    return {
        "average_precision": float(average_precision_score(target, probability)),
        "f1_micro": float(f1_score(target, probability > 0.5, average="micro", zero_division=0)),
    }


def _regression(model: Any, inputs: Array, target: Array) -> Figures:
    predicted = model.predict(inputs)
    return {
        "rmse": float(mean_squared_error(target, predicted) ** 0.5),
        "r2": float(r2_score(target, predicted)),
    }


_FIGURES: dict[str, Callable[[Any, Array, Array], Figures]] = {
    "binary": _binary,
    "multiclass": _multiclass,
    "multilabel": _multilabel,
    "regression": _regression,
}
