"""Rows that are two rows at once."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from datamodules.augmentation.augmentation import Augmentation, named_inputs, nothing_to_change
from datamodules.augmentation.draws import Draws
from datamodules.augmentation.images import is_image
from datamodules.augmentation.tables import two_valued
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.spec import DataSpec

TABLE = ("numeric", "categorical")
KNOTS = 1025


class Mixup(Augmentation):
    """Mix each row with another of its batch: the inputs, and the target in the same shares.

    Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", equation 1, with a share for
    each row. Images and numbers are mixed; a category, and a number of a column with two values, is
    that of either row, with the share as its probability. Classes become shares of classes (N, C),
    which the loss must take; labels and numbers are mixed.

    The row that gives the batch its number has the greater share. Its partner is the next row in
    the order of a hash of (seed, epoch, row), so it depends on which rows are in the batch, but not
    on their order; its share depends on (seed, epoch, row) alone.

    Args:
        alpha: shares are drawn from Beta(alpha, alpha); near 0 rows stay nearly as they are, at 1
            all shares are equally likely.
    """

    def __init__(self, alpha: float = 0.2) -> None:
        super().__init__()
        self.alpha = self._within("alpha", alpha, 0.01, 100)
        self._quantiles: Tensor | None = None

    def change(self, batch: Batch, draws: Draws, spec: DataSpec | None) -> Batch:
        """Return a batch of mixed rows."""
        inputs = named_inputs(batch)
        if not all(name in TABLE or is_image(values) for name, values in inputs.items()):
            kind = "images and tables, whose values can be mixed"
            raise nothing_to_change("Mixup", kind, inputs)
        if "target" not in batch:
            raise UserError("Mixup mixes rows with a target, but these have none.")
        shares, order = draws.uniform(2).unbind(1)
        share, other = self.shares(shares), partners(order)
        changed: Batch = {**batch, "target": _mixed_target(batch["target"], share, other, spec)}
        changed["inputs"] = {
            name: mixed_rows(values, share, other)
            if is_image(values)
            else _mixed_columns(name, values, share, other, draws, spec)
            for name, values in inputs.items()
        }
        return changed

    def shares(self, drawn: Tensor) -> Tensor:
        """Return the greater of the two shares of a pair, by a number in [0, 1): (N,) -> (N,)."""
        if self._quantiles is None:
            from scipy.special import betaincinv

            upper = np.linspace(0.5, 1, KNOTS)
            self._quantiles = torch.from_numpy(betaincinv(self.alpha, self.alpha, upper)).float()
        knots = self._quantiles = self._quantiles.to(drawn.device)
        place = drawn * (KNOTS - 1)
        below = place.long()
        return torch.lerp(knots[below], knots[below + 1], place - below)


def partners(drawn: Tensor) -> Tensor:
    """Return for each row the place of the next one in the order of random numbers: (N,) -> (N,).

    A row that is alone is its own partner.
    """
    order = drawn.argsort()
    return torch.empty_like(order).scatter_(0, order, order.roll(-1))


def mixed_rows(values: Tensor, share: Tensor, other: Tensor) -> Tensor:
    """Return each row mixed with its partner.

    Args:
        values: (N, ...) floats.
        share: (N,) of the row itself.
        other: (N,) places of the partners.
    """
    return torch.lerp(
        values[other], values, share.to(values.dtype).view(-1, *[1] * (values.ndim - 1))
    )


def _mixed_columns(
    name: str,
    values: Tensor,
    share: Tensor,
    other: Tensor,
    draws: Draws,
    spec: DataSpec | None,
) -> Tensor:
    """Return columns of a table, mixed where they are numbers: (N, D) -> (N, D)."""
    whole = values.where(draws.uniform(values.shape[1]) < share[:, None], values[other])
    if name == "categorical":
        return whole
    return whole.where(two_valued(spec, values), mixed_rows(values, share, other))


def _mixed_target(target: Tensor, share: Tensor, other: Tensor, spec: DataSpec | None) -> Tensor:
    if not target.is_floating_point():
        if spec is None or spec.target is None:
            raise UserError("Mixup must know how many classes there are, but no spec tells.")
        target = F.one_hot(target, len(spec.target.names)).to(share.dtype)
    return mixed_rows(target, share, other)
