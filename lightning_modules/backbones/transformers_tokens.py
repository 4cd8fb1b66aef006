"""Tokens of a datamodule as a network of transformers takes them."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datamodules.errors import UserError
from datamodules.spec import TokenizerSpec

Given = dict[str, Tensor]


class TokenPreparation(nn.Module):
    """Give the tokenizer's own ids and its padding back, and say which tokens are real.

    Args:
        tokenizer: of the data, which may have moved its ids.
        padding: id of padding in the network.

    Attributes:
        most: tokens for which the network has places; a text of more keeps its first; ``None`` if
            there is no end to them.

    Shape:
        (N, L) int64, 0 for padding -> ids and mask, (N, L) each
    """

    def __init__(self, tokenizer: TokenizerSpec, padding: int) -> None:
        super().__init__()
        self.shift = tokenizer["shift"]
        self.padding = padding
        self.most: int | None = None

    def forward(self, tokens: Tensor) -> tuple[Given, Tensor]:
        """Return the network's arguments, and which tokens are real: (N, L) boolean.

        Args:
            tokens: (N, L) int64 ids, 0 for padding.
        """
        tokens = tokens[:, : self.most]
        if tokens.shape[1] == 0:
            tokens = F.pad(tokens, (0, 1))  # a batch of empty texts
        real = tokens != 0
        ids = (tokens - self.shift).masked_fill(~real, self.padding)
        # attention to nothing is no number, so a text without tokens sees the first padding
        seen = real | (torch.arange(tokens.shape[1], device=tokens.device) == 0)
        return {"input_ids": ids, "attention_mask": seen.long()}, real


def check_tokens(network: Any, tokenizer: TokenizerSpec, name: str) -> None:
    """Refuse tokens that a network does not know.

    Args:
        network: of the library.
        tokenizer: of the data.
        name: of the weights, for errors.

    Raises:
        UserError: ids are too great, or the network is none of texts.
    """
    embedding = network.get_input_embeddings()
    if not isinstance(embedding, nn.Embedding):
        raise UserError(
            f"'{name}' ({type(network).__name__}) is no network of texts, but the data are texts: "
            f"name an encoder of texts, such as sample:minilm."
        )
    ids = tokenizer["size"] - tokenizer["shift"]
    if ids > embedding.num_embeddings:
        raise UserError(
            f"'{name}' knows {embedding.num_embeddings} tokens, but the tokenizer "
            f"'{tokenizer['name']}' has {ids}: say --data.tokenizer with the one that belongs to "
            f"these weights."
        )


def most_tokens(network: nn.Module) -> int | None:
    """Return how many tokens a network has positions for, if there is an end to them."""
    for name, module in network.named_modules():
        called = name.rpartition(".")[2]
        if called in ("position_embeddings", "wpe") and isinstance(module, nn.Embedding):
            # RoBERTa counts from behind the position that padding has
            first = 0 if module.padding_idx is None else module.padding_idx + 1
            return module.num_embeddings - first
    most = getattr(network.config, "max_position_embeddings", None)
    return int(most) if isinstance(most, int) and most > 0 else None
