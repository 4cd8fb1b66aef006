"""The transformer encoder that images, texts and tables share."""

import torch.nn.functional as F
from torch import Tensor, nn


class EncoderBlock(nn.Module):
    """Self-attention, then a two-layer network, each on normalised tokens and added to its input.

    Normalising before rather than after each part is what trains without a warm-up: Xiong et al.
    2020, 'On Layer Normalization in the Transformer Architecture', section 3. Attention: Vaswani et
    al. 2017, 'Attention Is All You Need', equation 1 and section 3.2.2.

    Args:
        dim: size of a token, D.
        heads: attention heads; must divide ``dim``.
        dropout: rate within the network and on what both parts add.
        expansion: hidden size of the network as a multiple of ``dim``.

    Shape:
        (N, L, D), and a boolean mask (N, L) -> (N, L, D)
    """

    def __init__(self, dim: int, heads: int, dropout: float = 0.1, expansion: float = 4.0) -> None:
        super().__init__()
        hidden = max(1, round(dim * expansion))
        self.heads = heads
        self.attention_norm = nn.LayerNorm(dim)
        self.query_key_value = nn.Linear(dim, 3 * dim)
        self.projection = nn.Linear(dim, dim)
        self.network_norm = nn.LayerNorm(dim)
        self.network = nn.Sequential(
            nn.Linear(dim, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, dim)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the tokens after one block.

        Args:
            tokens: (N, L, D).
            mask: (N, L) boolean, True for a real token; None where all are. Only keys are masked:
                what stands at a False position afterwards means nothing.
        """
        tokens = tokens + self.dropout(self._attend(self.attention_norm(tokens), mask))
        updated: Tensor = tokens + self.dropout(self.network(self.network_norm(tokens)))
        return updated

    def _attend(self, tokens: Tensor, mask: Tensor | None) -> Tensor:
        rows, length, dim = tokens.shape
        stacked = self.query_key_value(tokens).view(rows, length, 3, self.heads, dim // self.heads)
        query, key, value = stacked.permute(2, 0, 3, 1, 4)  # each (N, heads, L, D / heads)
        keys = None if mask is None else mask[:, None, None, :]
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=keys)
        projected: Tensor = self.projection(mixed.transpose(1, 2).reshape(rows, length, dim))
        return projected


class Encoder(nn.Module):
    """Blocks one after the other and a last normalisation, which pre-norm blocks lack.

    Args:
        dim: size of a token, D.
        depth: number of blocks.
        heads: attention heads; must divide ``dim``.
        dropout: rate in each block.
        expansion: hidden size of each block's network as a multiple of ``dim``.

    Shape:
        (N, L, D), and a boolean mask (N, L) -> (N, L, D)
    """

    def __init__(
        self, dim: int, depth: int, heads: int, dropout: float = 0.1, expansion: float = 4.0
    ) -> None:
        super().__init__()
        blocks = [EncoderBlock(dim, heads, dropout, expansion) for _ in range(depth)]
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(dim)

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the encoded tokens.

        Args:
            tokens: (N, L, D).
            mask: (N, L) boolean, True for a real token; None where all are. A row without any real
                token is encoded as if all were real, for a softmax over nothing is not a number.
        """
        if mask is not None:
            mask = mask | ~mask.any(dim=1, keepdim=True)
        for block in self.blocks:
            tokens = block(tokens, mask)
        encoded: Tensor = self.norm(tokens)
        return encoded
