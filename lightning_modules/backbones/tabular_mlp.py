"""A multilayer perceptron for tables."""

from typing import get_args

import torch
from torch import Tensor, nn

from datamodules.spec import DataSpec
from lightning_modules.backbones import hyperparameters
from lightning_modules.backbones.columns import CategoryEmbeddings, Columns
from lightning_modules.backbones.numeric_embeddings import NumericEmbedding, numeric_embedding


class TabularMLP(nn.Module):
    """Embedded columns side by side, then linear layers with ReLU and dropout.

    Gorishniy et al. 2022, 'On Embeddings for Numerical Features in Tabular Deep Learning': with its
    numbers embedded, this network keeps up with gradient boosting. There is no normalisation over
    the batch, so that the last batch of an epoch may hold a single row.

    Args:
        spec: the data, with numeric columns, categorical columns or both.
        width: of every layer, and number of features.
        depth: number of layers.
        dropout: rate after each layer.
        numeric: ``piecewise`` bends at the training quantiles, ``periodic`` uses sines and cosines,
            ``plain`` takes the numbers as they are.
        numeric_size: of the embedding of a number; unused for ``plain``.
        category_size: of the embedding of a category.

    Shape:
        numeric (N, D) float32 and categorical (N, K) int64, or one of them -> (N, width)
    """

    def __init__(
        self,
        spec: DataSpec,
        width: int = 256,
        depth: int = 2,
        dropout: float = 0.2,
        numeric: NumericEmbedding = "piecewise",
        numeric_size: int = 8,
        category_size: int = 8,
    ) -> None:
        super().__init__()
        self.columns = Columns(spec, "TabularMLP")
        hyperparameters.at_least_one(
            "TabularMLP",
            width=width,
            depth=depth,
            numeric_size=numeric_size,
            category_size=category_size,
        )
        hyperparameters.fractions("TabularMLP", dropout=dropout)
        hyperparameters.one_of("TabularMLP", "numeric", numeric, get_args(NumericEmbedding))
        self.numeric: nn.Module | None = None
        self.categorical: CategoryEmbeddings | None = None
        size = self.columns.numeric
        if self.columns.numeric and numeric != "plain":
            self.numeric = numeric_embedding(numeric, spec, numeric_size, "TabularMLP")
            size *= numeric_size
        if self.columns.categorical:
            self.categorical = CategoryEmbeddings(self.columns.cardinalities, category_size)
            size += self.columns.categorical * category_size
        self.layers = _layers(size, width, depth, dropout)
        self.out_features = width

    def forward(
        self,
        only: Tensor | None = None,
        *,
        numeric: Tensor | None = None,
        categorical: Tensor | None = None,
    ) -> Tensor:
        """Return the features of each row.

        Args:
            only: the input of data that have one.
            numeric: (N, D) float32, where the data have both kinds.
            categorical: (N, K) int64, where the data have both kinds.
        """
        numbers, categories = self.columns.split(only, numeric, categorical)
        parts = []
        if numbers is not None:
            parts.append(numbers if self.numeric is None else self.numeric(numbers).flatten(1))
        if categories is not None and self.categorical is not None:
            parts.append(self.categorical(categories).flatten(1))
        features: Tensor = self.layers(torch.cat(parts, dim=1))
        return features


def _layers(size: int, width: int, depth: int, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before in [size, *[width] * (depth - 1)]:
        layers += [nn.Linear(before, width), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers)
