"""Heads: from a backbone's features to logits. The plain one is ``torch.nn.Linear``."""

from torch import nn


class MLPHead(nn.Sequential):
    """One hidden layer.

    Args:
        in_features: F, the backbone's features.
        out_features: K, the logits.
        hidden: width of the hidden layer.
        dropout: part of the hidden layer that is dropped in training.

    Shape:
        (N, F) -> (N, K)
    """

    def __init__(
        self, in_features: int, out_features: int, hidden: int = 256, dropout: float = 0.0
    ) -> None:
        super().__init__(
            nn.Linear(in_features, hidden),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, out_features),
        )
