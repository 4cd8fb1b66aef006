"""Numbers as vectors, which is what lets a network compete with trees on tables."""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from datamodules.errors import UserError
from datamodules.spec import DataSpec

NumericEmbedding = Literal["piecewise", "periodic", "plain"]

_NARROWEST = 1e-30  # of a bin; float32 holds its inverse


class PlainLinear(nn.Module):
    """A vector times the number, plus a vector, for each column.

    Gorishniy et al. 2021, 'Revisiting Deep Learning Models for Tabular Data', section 3.3,
    'Feature Tokenizer'.

    Args:
        columns: number of columns, D.
        size: of an embedding, E.

    Shape:
        (N, D) -> (N, D, E)
    """

    def __init__(self, columns: int, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(columns, size).uniform_(-1.0, 1.0))
        self.bias = nn.Parameter(torch.empty(columns, size).uniform_(-1.0, 1.0))

    def forward(self, numbers: Tensor) -> Tensor:
        """Return the embeddings.

        Args:
            numbers: (N, D).
        """
        return torch.addcmul(self.bias, numbers[:, :, None], self.weight)


class PiecewiseEncoding(nn.Module):
    """How far each number has come through each bin of its column.

    Gorishniy et al. 2022, 'On Embeddings for Numerical Features in Tabular Deep Learning', section
    3.2, equation 1: 0 before a bin, 1 after it, linear within. The paper lets the first and the
    last bin go on beyond the ends; here they stop at 0 and 1, since a bin between two quantiles can
    be so narrow that one stray value would reach thousands.

    Args:
        edges: for each column, increasing edges of its bins, at least two. Columns may have
            different numbers of bins; what a column lacks of the most, T, is always 0.

    Shape:
        (N, D) -> (D, N, T), columns first, as a product with weights of each column needs it
    """

    start: Tensor
    scale: Tensor

    def __init__(self, edges: Sequence[Sequence[float]]) -> None:
        super().__init__()
        most = max(len(column) for column in edges) - 1
        # a scale of 0 is the empty bin of a column that has fewer
        start, scale = torch.zeros(len(edges), 1, most), torch.zeros(len(edges), 1, most)
        for index, column in enumerate(edges):
            values = torch.tensor(column, dtype=torch.float64)
            widths = values.diff()
            if not len(widths) or not bool((widths > 0).all()):
                raise ValueError(f"Edges must be two or more and increase; column {index} does not")
            start[index, 0, : len(widths)] = values[:-1]
            scale[index, 0, : len(widths)] = 1.0 / widths.clamp(min=_NARROWEST)
        self.register_buffer("start", start)
        self.register_buffer("scale", scale)

    def forward(self, numbers: Tensor) -> Tensor:
        """Return the encoding.

        Args:
            numbers: (N, D).
        """
        passed = (numbers.t()[:, :, None] - self.start) * self.scale
        return passed.clamp(0.0, 1.0)


class PiecewiseLinear(nn.Module):
    """A piecewise linear function of the number, with its bends at the column's quantiles.

    The encoding above times weights of each column (Gorishniy et al. 2022, section 3.2), plus the
    plain linear embedding, which carries on where the bins end. The bends start at zero, as in the
    authors' later recipe (Gorishniy et al. 2024, 'TabM'): training adds those that the data need.

    Args:
        edges: for each column, increasing edges of its bins, at least two.
        size: of an embedding, E.

    Shape:
        (N, D) -> (N, D, E)
    """

    def __init__(self, edges: Sequence[Sequence[float]], size: int) -> None:
        super().__init__()
        self.encoding = PiecewiseEncoding(edges)
        self.plain = PlainLinear(len(edges), size)
        self.bends = nn.Parameter(torch.zeros(len(edges), self.encoding.start.shape[-1], size))

    def forward(self, numbers: Tensor) -> Tensor:
        """Return the embeddings.

        Args:
            numbers: (N, D).
        """
        bent = torch.bmm(self.encoding(numbers), self.bends).transpose(0, 1)
        embedded: Tensor = self.plain(numbers) + bent
        return embedded


class Periodic(nn.Module):
    """Sines and cosines of the number at learnt frequencies, a linear layer for each column, ReLU.

    Gorishniy et al. 2022, 'On Embeddings for Numerical Features in Tabular Deep Learning', section
    3.3: the variant that they call PLR.

    Args:
        columns: number of columns, D.
        size: of an embedding, E.
        frequencies: for each column.
        sigma: standard deviation of the frequencies at the start; for standardised numbers 0.01 is
            nearly linear and 1 is full of waves.

    Shape:
        (N, D) -> (N, D, E)
    """

    def __init__(self, columns: int, size: int, frequencies: int = 24, sigma: float = 0.1) -> None:
        super().__init__()
        bound = (2 * frequencies) ** -0.5
        self.frequencies = nn.Parameter(torch.randn(columns, 1, frequencies) * sigma)
        self.weight = nn.Parameter(torch.empty(columns, 2 * frequencies, size))
        self.bias = nn.Parameter(torch.empty(columns, 1, size))
        for parameter in (self.weight, self.bias):
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, numbers: Tensor) -> Tensor:
        """Return the embeddings.

        Args:
            numbers: (N, D).
        """
        angles = 2.0 * math.pi * numbers.t()[:, :, None] * self.frequencies
        waves = torch.cat([angles.cos(), angles.sin()], dim=-1)  # (D, N, 2 * frequencies)
        return torch.baddbmm(self.bias, waves, self.weight).relu().transpose(0, 1)


def numeric_embedding(
    kind: NumericEmbedding, spec: DataSpec, size: int, wanted_by: str
) -> PlainLinear | PiecewiseLinear | Periodic:
    """Return the embedding of a table's numeric columns.

    Args:
        kind: which of them.
        spec: the data, with numeric columns.
        size: of an embedding, E.
        wanted_by: name of the backbone, for the error.

    Raises:
        UserError: bins are asked for, but the data come without the quantiles that bound them.
    """
    columns = spec.inputs["numeric"][0]
    if kind == "plain":
        return PlainLinear(columns, size)
    if kind == "periodic":
        return Periodic(columns, size)
    if len(spec.quantiles) != columns:
        raise UserError(
            f"{wanted_by} wants quantiles of each numeric column for numeric: piecewise, but the "
            f"data give {len(spec.quantiles)} for {columns} columns: choose numeric: periodic."
        )
    return PiecewiseLinear(spec.quantiles, size)
