"""What all transforms share that make one row of two: partners, shares and targets."""

from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from datamodules.augmentation.augmentation import Augmentation
from datamodules.errors import UserError
from datamodules.spec import DataSpec

KNOTS = 1025


class Mixing(Augmentation):
    """A change that gives a row a part of another row of its batch, and of that one's target.

    A row's partner is the next row in the order of a hash of (seed, epoch, row), so it depends on
    which rows are in the batch, but not on their order; its share depends on (seed, epoch, row)
    alone.

    Args:
        alpha: shares are drawn from Beta(alpha, alpha).
        p: probability that a row is mixed.
    """

    least: ClassVar[float] = 0.0
    """The level of the distribution from which on a row's own share is drawn."""

    def __init__(self, alpha: float, p: float = 1.0) -> None:
        super().__init__()
        self.alpha = self._within("alpha", alpha, 0.01, 100)
        self.p = self._within("p", p, 0, 1)
        self._quantiles: Tensor | None = None

    def shares(self, drawn: Tensor) -> Tensor:
        """Return a row's own share of a pair, by a number in [0, 1): (N,) -> (N,)."""
        if self._quantiles is None:
            from scipy.special import betaincinv

            levels = np.linspace(self.least, 1, KNOTS)
            self._quantiles = torch.from_numpy(betaincinv(self.alpha, self.alpha, levels)).float()
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


def mixed_target(
    target: Tensor, share: Tensor, other: Tensor, spec: DataSpec | None, transform: str
) -> Tensor:
    """Return targets in the shares of the rows; of classes, shares of each: (N,) -> (N, C).

    Args:
        target: (N,) int64 classes, or (N, ...) floats.
        share: (N,) of the row itself.
        other: (N,) places of the partners.
        spec: the data, which know how many classes there are.
        transform: what mixes, for a message.

    Raises:
        UserError: nobody says how many classes there are.
    """
    if not target.is_floating_point():
        if spec is None or spec.target is None:
            raise UserError(f"{transform} must know how many classes there are, but no spec tells.")
        target = F.one_hot(target, len(spec.target.names)).to(share.dtype)
    return mixed_rows(target, share, other)
