"""Which words a text holds, and which pairs of them."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datamodules.spec import DataSpec
from lightning_modules.backbones import hyperparameters
from lightning_modules.backbones.inputs import text_sizes
from lightning_modules.backbones.text_transformer import pooled

FIRST, SECOND = 2_654_435_761, 40_503
"""Knuth 1973, 'The Art of Computer Programming', 6.4: multipliers that scatter a hash."""


class BagOfWords(nn.Module):
    """Embeddings of words and of pairs of neighbours, pooled with no regard to where they stand.

    Joulin et al. 2017, 'Bag of Tricks for Efficient Text Classification': linear in them, and where
    texts are few it beats networks that look at the order. Features are the mean and the greatest
    value, as in :class:`~lightning_modules.backbones.text_transformer.TextTransformer`.

    Args:
        spec: the data, with one text of token ids.
        dim: size of an embedding; there are twice as many features.
        pairs: places into which pairs of neighbouring words are hashed; 0 leaves them out.
        dropout: rate on the features.
        token_dropout: share of the tokens that training leaves out, anew in each batch: Iyyer et
            al. 2015, 'Deep Unordered Composition Rivals Syntactic Methods', section 3.1.

    Shape:
        (N, L) int64, 0 for padding -> (N, 2 * dim)
    """

    def __init__(
        self,
        spec: DataSpec,
        dim: int = 64,
        pairs: int = 8192,
        dropout: float = 0.2,
        token_dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.vocabulary, _ = text_sizes(spec, "BagOfWords")
        hyperparameters.at_least_one("BagOfWords", dim=dim)
        hyperparameters.at_least_zero("BagOfWords", pairs=pairs)
        hyperparameters.fractions("BagOfWords", dropout=dropout, token_dropout=token_dropout)
        self.embedding = nn.Embedding(self.vocabulary + pairs, dim, padding_idx=0)
        with torch.no_grad():
            # small, so that what is learnt outweighs what was drawn; row 0 stays zero
            self.embedding.weight.mul_(0.1)
        self.pairs = pairs
        self.token_dropout = token_dropout
        self.dropout = nn.Dropout(dropout)
        self.out_features = 2 * dim

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the features of each text; those of a text without tokens are zero.

        Args:
            tokens: (N, L) int64 ids, 0 for padding.
        """
        if tokens.shape[1] == 0:
            tokens = F.pad(tokens, (0, 1))  # a batch of empty texts
        if self.training and self.token_dropout > 0.0:
            drawn = torch.rand(tokens.shape, device=tokens.device)
            tokens = tokens.masked_fill(drawn < self.token_dropout, 0)
        if self.pairs:
            tokens = torch.cat([tokens, self._hashed(tokens)], dim=1)
        features: Tensor = self.dropout(pooled(self.embedding(tokens), tokens != 0))
        return features

    def _hashed(self, tokens: Tensor) -> Tensor:
        """Return ids of the pairs of neighbours, 0 where one is padding: (N, L) -> (N, L - 1)."""
        first, second = tokens[:, :-1], tokens[:, 1:]
        ids = self.vocabulary + (first * FIRST + second * SECOND) % self.pairs
        return ids.masked_fill((first == 0) | (second == 0), 0)
