"""Normal scores of numbers by their training quantiles."""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from datamodules.errors import UserError
from datamodules.features.steps.step import Floats, Learnt, Step

KNOTS = 256
"""Quantiles kept of each column: as exact as some thousand rows can tell."""

BOUND = 1e-7
"""Share of rows beyond which scikit-learn's QuantileTransformer puts no score."""

Places = NDArray[np.int64]
Between = Literal["scores", "ranks"]


class Quantile(Step):
    """Map each column to normal scores through its training quantiles.

    No outlier can dominate. The scores of values between two quantiles are found by interpolation:

    - of ``scores``: a column of the training rows is as wide as n normal draws are expected to be,
      since the ends get the scores of the shares 0.5 / n and 1 - 0.5 / n;
    - of ``ranks``, whose scores are then taken: equal to
      ``QuantileTransformer(n_quantiles=knots, output_distribution="normal")``, which puts the ends
      at -5.2 and 5.2 however few rows there are.

    Values that several quantiles share get the score of their mean rank in both.

    Args:
        knots: quantiles kept of each column.
        between: what is interpolated.

    Raises:
        UserError: if there are fewer than 2 knots.
    """

    def __init__(self, knots: int = KNOTS, between: Between = "scores") -> None:
        if knots < 2:
            raise UserError(f"Quantile needs at least 2 knots, not {knots}.")
        self.knots = knots
        self.between: Between = between

    def learn(self, values: Floats) -> Learnt:
        """Learn the quantiles and their scores or ranks."""
        shares = np.linspace(0, 1, min(self.knots, len(values)))
        if self.between == "ranks":
            quantiles = np.percentile(values, shares * 100)
            return {"knots": quantiles.tolist(), "ranks": shares.tolist()}
        quantiles = np.quantile(values, shares)
        knots, place = np.unique(quantiles, return_inverse=True)
        # Tied quantiles share the mean of their ranks. The ends stay as far out as the most
        # extreme of n normal draws is expected to be, not at infinity.
        ranks = np.bincount(place, weights=shares) / np.bincount(place)
        ranks = ranks.clip(0.5 / len(values), 1 - 0.5 / len(values))
        scores: list[float] = _scores(ranks).tolist()
        return {"knots": knots.tolist(), "scores": scores}

    def apply(self, values: Floats, learnt: Learnt) -> Floats:
        """Return the scores."""
        knots = np.array(learnt["knots"])
        if "scores" in learnt:
            return _interpolated(values, knots, np.array(learnt["scores"]))
        ranks = np.array(learnt["ranks"])
        # from both sides, since of tied quantiles one side meets the first and one the last
        rising = np.interp(values, knots, ranks)
        falling = np.interp(-values, -knots[::-1], -ranks[::-1])
        found = (rising - falling) / 2
        found[values + BOUND > knots[-1]] = 1.0
        found[values - BOUND < knots[0]] = 0.0
        least = BOUND - np.spacing(1)
        return _scores(found.clip(least, 1 - least))


def _scores(ranks: Floats) -> Floats:
    return np.asarray(torch.special.ndtri(torch.from_numpy(ranks)).numpy())


def _interpolated(values: Floats, knots: Floats, scores: Floats) -> Floats:
    """Return the scores of values, each within those of its neighbouring knots.

    Rounding may leave these by the last digit, and then a value would overtake the next knot.
    """
    values = values.clip(knots[0], knots[-1])
    below = np.searchsorted(knots, values, "right") - 1
    above = (below + 1).clip(max=len(knots) - 1)
    return _between(values, below, knots, scores).clip(scores[below], scores[above])


def _between(values: Floats, below: Places, knots: Floats, scores: Floats) -> Floats:
    """Return what ``np.interp`` does, without looking a second time for the knots below."""
    with np.errstate(over="ignore"):
        gaps = np.diff(knots)
        slopes = np.append(np.diff(scores) / gaps, 0.0)
    if not (np.isfinite(gaps).all() and np.isfinite(slopes).all()):  # beyond what a float can hold
        return np.asarray(np.interp(values, knots, scores))
    between: Floats = (values - knots[below]) * slopes[below] + scores[below]
    return between
