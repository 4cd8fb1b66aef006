"""What the backbones for tables share: which tensor is which, and embeddings of categories."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from datamodules.spec import DataSpec
from lightning_modules.backbones.inputs import table_columns


class Columns:
    """The columns of a table as the data describe them.

    Args:
        spec: the data, with inputs ``numeric``, ``categorical`` or both.
        wanted_by: name of the backbone, for the error.

    Raises:
        UserError: the data are no table.
    """

    def __init__(self, spec: DataSpec, wanted_by: str) -> None:
        self.numeric, self.cardinalities = table_columns(spec, wanted_by)
        self.categorical = len(self.cardinalities)
        self.only = next(iter(spec.inputs)) if len(spec.inputs) == 1 else None

    def split(
        self, only: Tensor | None, numeric: Tensor | None, categorical: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None]:
        """Return the numeric and the categorical columns; None for a kind that there is not.

        Args:
            only: the input of data that have one, which arrives without its name.
            numeric: (N, D) float32, by name.
            categorical: (N, K) int64, by name.
        """
        if only is not None and self.only is None:
            raise TypeError("These data have two inputs: pass numeric=... and categorical=...")
        if only is not None:
            numeric, categorical = (only, None) if self.only == "numeric" else (None, only)
        return (
            numeric if self.numeric else None,
            categorical if self.categorical else None,
        )


class CategoryEmbeddings(nn.Module):
    """One vector for each value of each categorical column.

    Id 0, a value that is missing or was never seen in training, starts as the zero vector: what is
    not known adds nothing to the sum that follows. One table holds all columns, for a lookup in
    each of them costs a training step on a CPU more than the arithmetic does.

    Args:
        cardinalities: number of values of each column, id 0 among them.
        size: of an embedding, E.

    Shape:
        (N, K) int64 -> (N, K, E)
    """

    offsets: Tensor

    def __init__(self, cardinalities: Sequence[int], size: int) -> None:
        super().__init__()
        sizes = torch.tensor(cardinalities)
        offsets = sizes.cumsum(0) - sizes
        self.register_buffer("offsets", offsets, persistent=False)
        self.embedding = nn.Embedding(int(sizes.sum()), size)
        with torch.no_grad():
            # as large as the embeddings of numbers, so that neither kind of column drowns the other
            self.embedding.weight.uniform_(-1.0, 1.0)
            self.embedding.weight[offsets] = 0.0

    def forward(self, categories: Tensor) -> Tensor:
        """Return the embeddings.

        Args:
            categories: (N, K) ids.
        """
        embedded: Tensor = self.embedding(categories + self.offsets)
        return embedded
