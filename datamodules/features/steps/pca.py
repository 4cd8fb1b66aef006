"""Fewer columns that hold most of what many do."""

import numpy as np

from datamodules.errors import UserError
from datamodules.features.steps.step import FARTHEST, Floats, JointStep, Learnt, unit_of


class PCA(JointStep):
    """Replace the columns by their principal components.

    Let ``Standard`` or another scaling stand before it: a column counts by its variance. The sign
    of a component is that of scikit-learn, whose fit it is: its largest loading is positive.

    Args:
        components: how many, or the share of the variance that they hold at least, below 1.
        whiten: whether each component gets a variance of 1.

    Raises:
        UserError: if ``components`` is neither a number from 1 on nor a share.
    """

    def __init__(self, components: int | float = 0.95, whiten: bool = False) -> None:
        whole = float(components).is_integer()
        if components <= 0 or (components >= 1 and not whole):
            raise UserError(
                "PCA needs a number of components from 1 on, or a share of the variance between "
                f"0 and 1, not {components}."
            )
        self.components = components
        self.whiten = whiten

    def learn(self, values: Floats) -> Learnt:
        """Learn mean and components.

        Raises:
            UserError: if more components are asked for than there are columns or rows.
        """
        from sklearn.decomposition import PCA as Reference  # noqa: N811  what ours is a form of

        most = min(values.shape)
        wanted = int(self.components) if self.components >= 1 else self.components
        if wanted > most:
            raise UserError(
                f"PCA cannot make {wanted} components of {values.shape[1]} columns and "
                f"{values.shape[0]} training rows: at most {most}."
            )
        if not np.ptp(values, axis=0).any():  # no variance to explain
            few = max(1, int(self.components))
            return {
                "mean": values[0].tolist(),
                "components": np.eye(few, values.shape[1]).tolist(),
                "scales": None,
            }
        # neither draws random numbers; the covariance of many rows needs no copy of them
        many = values.shape[0] >= 10 * values.shape[1]
        unit = unit_of(values)
        fitted = Reference(wanted, svd_solver="covariance_eigh" if many else "full")
        fitted.fit(values / unit)
        scales = fitted.explained_variance_.clip(1e-12) ** 0.5 * unit if self.whiten else None
        return {
            "mean": (fitted.mean_ * unit).tolist(),
            "components": fitted.components_.tolist(),
            "scales": None if scales is None else scales.tolist(),
        }

    def apply(self, values: Floats, learnt: Learnt) -> Floats:
        """Return the components of rows, (N, D) -> (N, K)."""
        turned: Floats = (values - learnt["mean"]) @ np.array(learnt["components"]).T
        if learnt["scales"] is not None:
            with np.errstate(over="ignore"):
                turned = turned / learnt["scales"]
        return turned.clip(-FARTHEST, FARTHEST)

    def names(self, learnt: Learnt) -> list[str]:
        """Return the names of the K components."""
        return [f"component {place}" for place in range(1, len(learnt["components"]) + 1)]
