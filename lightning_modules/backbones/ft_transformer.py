"""A transformer over the columns of a table."""

from typing import get_args

import torch
from torch import Tensor, nn

from datamodules.spec import DataSpec
from lightning_modules.backbones import hyperparameters
from lightning_modules.backbones.columns import CategoryEmbeddings, Columns
from lightning_modules.backbones.encoder import Encoder
from lightning_modules.backbones.numeric_embeddings import NumericEmbedding, numeric_embedding


class FTTransformer(nn.Module):
    """Each column a token, encoded together with a class token whose output is the features.

    Gorishniy et al. 2021, 'Revisiting Deep Learning Models for Tabular Data', section 3.3.

    Args:
        spec: the data, with numeric columns, categorical columns or both.
        dim: size of a token and number of features.
        depth: number of encoder blocks.
        heads: attention heads; must divide ``dim``.
        dropout: rate in each block.
        numeric: how a number becomes a token: ``plain`` is the paper's product with a vector,
            ``piecewise`` bends it at the training quantiles, ``periodic`` uses sines and cosines.

    Shape:
        numeric (N, D) float32 and categorical (N, K) int64, or one of them -> (N, dim)
    """

    def __init__(
        self,
        spec: DataSpec,
        dim: int = 64,
        depth: int = 2,
        heads: int = 4,
        dropout: float = 0.1,
        numeric: NumericEmbedding = "piecewise",
    ) -> None:
        super().__init__()
        self.columns = Columns(spec, "FTTransformer")
        hyperparameters.transformer("FTTransformer", dim, depth, heads, dropout)
        hyperparameters.one_of("FTTransformer", "numeric", numeric, get_args(NumericEmbedding))
        self.numeric: nn.Module | None = None
        self.categorical: CategoryEmbeddings | None = None
        if self.columns.numeric:
            self.numeric = numeric_embedding(numeric, spec, dim, "FTTransformer")
        if self.columns.categorical:
            self.categorical = CategoryEmbeddings(self.columns.cardinalities, dim)
            # id 0 is the zero vector in every column: the bias tells which column it stands in
            self.category_bias = nn.Parameter(
                torch.empty(self.columns.categorical, dim).uniform_(-1.0, 1.0)
            )
        self.class_token = nn.Parameter(torch.empty(1, 1, dim).uniform_(-1.0, 1.0))
        self.encoder = Encoder(dim, depth, heads, dropout, expansion=2.0)
        self.out_features = dim

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
        tokens = []
        if numbers is not None and self.numeric is not None:
            tokens.append(self.numeric(numbers))
        if categories is not None and self.categorical is not None:
            tokens.append(self.categorical(categories) + self.category_bias)
        tokens.insert(0, self.class_token.expand(tokens[0].shape[0], -1, -1))
        features: Tensor = self.encoder(torch.cat(tokens, dim=1))[:, 0]
        return features
