"""Powers and logarithms, which draw in a long tail."""

import numpy as np

from datamodules.errors import UserError
from datamodules.features.steps.step import Floats, Learnt, Step, unit_of


class Log1p(Step):
    """Take the natural logarithm of 1 + x, as ``FunctionTransformer(np.log1p)``.

    A later value of -1 or less, which has none, counts as the least of training.
    """

    def learn(self, values: Floats) -> Learnt:
        """Learn the least value.

        Raises:
            UserError: if a value is -1 or less.
        """
        least = float(values.min())
        if least <= -1:
            raise UserError(f"Log1p takes numbers above -1, not {least:g}")
        return {"least": least}

    def apply(self, values: Floats, learnt: Learnt) -> Floats:
        """Take logarithms."""
        return np.log1p(np.where(values > -1, values, learnt["least"]))


class YeoJohnson(Step):
    """Raise to the power that makes the training values most like normal ones.

    Yeo and Johnson 2000, 'A new family of power transformations to improve normality or symmetry'.
    As ``PowerTransformer(standardize=False)``: let ``Standard`` follow.
    """

    def learn(self, values: Floats) -> Learnt:
        """Find the exponent of greatest likelihood.

        A constant column keeps its values, and so does one whose squares no float can hold.
        """
        from sklearn.preprocessing import PowerTransformer

        if unit_of(values) > 1:
            return {"exponent": 1.0}
        fitted = PowerTransformer(standardize=False).fit(values[:, None])
        return {"exponent": float(fitted.lambdas_[0])}

    def apply(self, values: Floats, learnt: Learnt) -> Floats:
        """Raise to the power: of 1 + x, and of 1 - x with the opposite sign below 0."""
        exponent: float = learnt["exponent"]
        raised = _power(np.abs(values), exponent)
        lowered = -_power(np.abs(values), 2 - exponent)
        return np.where(values >= 0, raised, lowered)


def _power(size: Floats, exponent: float) -> Floats:
    """Return ((1 + x) ** e - 1) / e, which is log(1 + x) where e is 0."""
    logs = np.log1p(size)
    if abs(exponent) < np.finfo(np.float64).eps:
        return logs
    # a power too large for a float is as large as floats are, and not infinite
    raised: Floats = np.expm1((exponent * logs).clip(max=700.0)) / exponent
    return raised
