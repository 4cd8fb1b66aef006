"""Random changes to the columns of a table: noise on numbers, categories that are not told."""

import torch
from torch import Tensor

from datamodules.augmentation.augmentation import InputAugmentation
from datamodules.augmentation.draws import Draws
from datamodules.spec import DataSpec

FEW = 3
"""Quantiles that a column of two values has at most: these two, and one that lies between."""


class NumericNoise(InputAugmentation):
    """Add Gaussian noise to the numbers of each row.

    Columns of which nearly every training row has one of two values, such as 0 and 1, stay as they
    are: marks of what is missing, one-hot columns, answers to yes or no.

    Args:
        std: of the noise, in deviations of a column, as numbers are scaled.

    Shape:
        (N, D) -> (N, D)
    """

    kind = "numbers, the input 'numeric' of a table"

    def __init__(self, std: float = 0.1) -> None:
        super().__init__()
        self.std = self._within("std", std, 0, 10)

    @staticmethod
    def takes(name: str, values: Tensor) -> bool:
        """Tell whether an input is of a table's numbers."""
        return name == "numeric"

    def forward(self, values: Tensor, draws: Draws) -> Tensor:
        """Return numbers with noise in every column: (N, D) -> (N, D)."""
        # the normal scores of 0 and 1 are infinite
        drawn = (draws.uniform(values.shape[1]) + 2.0**-25).clamp(max=1 - 2.0**-24)
        noise: Tensor = torch.special.ndtri(drawn)
        return values + self.std * noise.to(values.dtype)

    def changed(self, values: Tensor, draws: Draws, spec: DataSpec | None) -> Tensor:
        """Return numbers with noise where a column has more than two values."""
        return torch.where(two_valued(spec, values), values, self(values, draws))


class CategoryDropout(InputAugmentation):
    """Take some categories for ones that training has never seen.

    Their id becomes 0, the one of unseen and rare categories, whose embedding is learnt by it. It
    keeps a model from leaning on a single column.

    Args:
        p: probability of each cell.

    Shape:
        (N, K) int64 -> (N, K)
    """

    kind = "categories, the input 'categorical' of a table"

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = self._within("p", p, 0, 1)

    @staticmethod
    def takes(name: str, values: Tensor) -> bool:
        """Tell whether an input is of a table's categories."""
        return name == "categorical"

    def forward(self, values: Tensor, draws: Draws) -> Tensor:
        """Return ids, some of them 0: (N, K) -> (N, K)."""
        return values.masked_fill(draws.uniform(values.shape[1]) < self.p, 0)


def two_valued(spec: DataSpec | None, values: Tensor) -> Tensor:
    """Tell by the training quantiles which columns of numbers have two values: (D,) bool.

    Args:
        spec: the data; without quantiles, no column is known to have two values.
        values: (N, D), for the device.
    """
    quantiles = spec.quantiles if spec is not None else []
    marks = [len(each) <= FEW for each in quantiles] or [False] * values.shape[1]
    return torch.tensor(marks, device=values.device)
