"""The best of several equal models looks too good by what is said."""

import math

import numpy as np
import pytest

from fulgurite.optimism import expected_maximum, optimism, told


@pytest.mark.parametrize(
    ("models", "published"),
    [(1, 0.0), (2, 0.5641895835), (3, 0.8462843753), (5, 1.1629644736), (10, 1.5387527308)],
)
def test_the_expected_maximum_is_that_of_the_tables(models, published):
    assert expected_maximum(models) == pytest.approx(published, abs=1e-9)


@pytest.mark.parametrize("models", [2, 7, 100, 3000])
def test_the_expected_maximum_is_below_its_bound(models):
    assert 0 < expected_maximum(models) < math.sqrt(2 * math.log(models))


@pytest.mark.parametrize("models", [2, 3, 10])
def test_the_best_accuracy_of_equal_models_is_too_high_by_as_much(models):
    rows, accuracy = 400, 0.8
    draws = np.random.default_rng(0).binomial(rows, accuracy, (40_000, models)) / rows
    found = optimism(models, {"test/accuracy": math.sqrt(accuracy * (1 - accuracy) / rows)})
    assert found is not None
    said = found["figures"]["test/accuracy"]
    excess = draws.max(axis=1).mean() - accuracy
    assert said["expected"] == pytest.approx(excess, rel=0.03)
    assert excess < said["at_most"]


def test_models_that_err_alike_lose_less():
    alike, models = 0.75, 4
    rng = np.random.default_rng(0)
    shared, own = rng.normal(size=(40_000, 1)), rng.normal(size=(40_000, models))
    figures = math.sqrt(alike) * shared + math.sqrt(1 - alike) * own
    excess = figures.max(axis=1).mean()
    assert excess == pytest.approx(math.sqrt(1 - alike) * expected_maximum(models), rel=0.05)


def test_one_model_was_not_chosen():
    assert optimism(1, {"test/accuracy": 0.1}) is None


def test_a_person_is_told_the_figures():
    found = optimism(3, {"test/accuracy": 0.1})
    assert found is not None
    assert "best of 3" in told(found)
    assert "0.846 standard errors: 0.085 in accuracy" in told(found)
