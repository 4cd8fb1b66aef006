"""A transformer over the tokens of a text."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datamodules.spec import DataSpec
from lightning_modules.backbones import hyperparameters
from lightning_modules.backbones.encoder import Encoder
from lightning_modules.backbones.inputs import text_sizes


class TextTransformer(nn.Module):
    """Tokens with learnt positions, encoded and pooled over those that are real.

    Devlin et al. 2019, 'BERT', section 3, without its pre-training. Features are the mean and the
    greatest value over the tokens: the mean carries the subject, the maximum a single telling word.

    Args:
        spec: the data, with one text of token ids.
        dim: size of a token; there are twice as many features.
        depth: number of encoder blocks.
        heads: attention heads; must divide ``dim``.
        dropout: rate in each block and on the embedded tokens.
        token_dropout: share of the tokens that training leaves out, anew in each batch: Iyyer et
            al. 2015, 'Deep Unordered Composition Rivals Syntactic Methods', section 3.1. It is what
            keeps a small set of texts from being learnt by heart.

    Shape:
        (N, L) int64, 0 for padding, L up to the longest text -> (N, 2 * dim)
    """

    def __init__(
        self,
        spec: DataSpec,
        dim: int = 96,
        depth: int = 2,
        heads: int = 4,
        dropout: float = 0.1,
        token_dropout: float = 0.1,
    ) -> None:
        super().__init__()
        vocabulary, longest = text_sizes(spec, "TextTransformer")
        hyperparameters.transformer("TextTransformer", dim, depth, heads, dropout)
        hyperparameters.fractions("TextTransformer", token_dropout=token_dropout)
        self.embedding = nn.Embedding(vocabulary, dim, padding_idx=0)
        self.positions = nn.Parameter(torch.randn(1, longest, dim) * 0.02)
        with torch.no_grad():
            # unit variance would drown the positions; row 0 stays zero
            self.embedding.weight.mul_(0.1)
        self.token_dropout = token_dropout
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(dim, depth, heads, dropout)
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
        mask = tokens != 0
        embedded = self.embedding(tokens) + self.positions[:, : tokens.shape[1]]
        return pooled(self.encoder(self.dropout(embedded), mask), mask)


def pooled(tokens: Tensor, mask: Tensor) -> Tensor:
    """Return mean and maximum over the real tokens of each row, or zeros where it has none.

    Args:
        tokens: (N, L, D).
        mask: (N, L) boolean, True for a real token.

    Returns:
        (N, 2 * D).
    """
    real = mask[:, :, None]
    count = real.sum(dim=1)
    mean = tokens.masked_fill(~real, 0.0).sum(dim=1) / count.clamp(min=1)
    greatest = tokens.masked_fill(~real, torch.finfo(tokens.dtype).min).amax(dim=1)
    return torch.cat([mean, greatest.masked_fill(count == 0, 0.0)], dim=1)
