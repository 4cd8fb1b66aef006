"""Random changes to the tokens of texts: words, or runs of words, that are not told."""

import torch
from torch import Tensor

from datamodules.augmentation.augmentation import InputAugmentation
from datamodules.augmentation.draws import Draws
from datamodules.errors import UserError

PADDING, UNKNOWN = 0, 1


class TokenAugmentation(InputAugmentation):
    """A change to the tokens of each text: 0 is padding, 1 is a word that training does not know.

    Shape:
        (N, L) int64 -> (N, L)
    """

    kind = "texts, the input 'tokens'"

    @staticmethod
    def takes(name: str, values: Tensor) -> bool:
        """Tell whether an input is of tokens."""
        return name == "tokens"


class TokenDropout(TokenAugmentation):
    """Make some tokens of each text unknown, each for itself; at least one token stays.

    Args:
        p: probability of each token.

    Shape:
        (N, L) int64 -> (N, L)
    """

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = self._within("p", p, 0, 1)

    def forward(self, values: Tensor, draws: Draws) -> Tensor:
        """Return texts with unknown tokens in them: (N, L) -> (N, L)."""
        drawn = draws.uniform(values.shape[1])
        return masked(values, drawn < self.p, drawn)


class SpanMasking(TokenAugmentation):
    """Make runs of tokens unknown, so that a text cannot be told by one phrase alone.

    Spans have geometric lengths, as in Joshi et al. 2020, "SpanBERT", section 3.1, and begin
    anywhere, also before the text. At least one token stays.

    Args:
        p: share of the tokens that are masked.
        length: mean number of tokens in a span.

    Shape:
        (N, L) int64 -> (N, L)

    Raises:
        UserError: spans so short cannot cover so much with a token between any two.
    """

    def __init__(self, p: float = 0.15, length: float = 3.0) -> None:
        super().__init__()
        self.length = self._within("length", length, 1, 1000)
        if not 0 <= p <= 1 - 1 / length:
            raise UserError(
                f"SpanMasking with spans of {length:g} tokens takes p from 0 to "
                f"{1 - 1 / length:.2g}, but got {p}: make spans longer, or p smaller."
            )
        self.p = p

    def forward(self, values: Tensor, draws: Draws) -> Tensor:
        """Return texts with unknown spans in them: (N, L) -> (N, L)."""
        drawn = draws.uniform(values.shape[1] + 1)
        goes_on = 1 - 1 / self.length
        begins = self.p / (1 - self.p) / self.length  # after a token that is not masked
        # A chain of two states: below `begins` a token is masked whatever was before it, from
        # `goes_on` it is not, between the two it is what the token before it is. So each token is
        # what the last one is that does not ask.
        first = drawn[:, :1] < self.p
        inside = torch.cat([first, drawn[:, 1:] < begins], dim=1)  # (N, L + 1)
        asks = (drawn >= begins) & (drawn < goes_on)
        place = torch.arange(drawn.shape[1], device=values.device).expand_as(asks)
        decided = place.masked_fill(asks, 0).cummax(dim=1).values
        return masked(values, inside.gather(1, decided)[:, 1:], drawn[:, 1:])


def masked(tokens: Tensor, chosen: Tensor, drawn: Tensor) -> Tensor:
    """Return texts with the chosen tokens unknown, but for padding and one token of each.

    Args:
        tokens: (N, L) int64.
        chosen: (N, L) bool.
        drawn: (N, L) random numbers: where all tokens are chosen, the one with the highest stays.
    """
    real = tokens != PADDING
    highest = drawn.where(real, -1.0).argmax(dim=1, keepdim=True)
    all_chosen = (chosen | ~real).all(dim=1, keepdim=True)
    spared = torch.zeros_like(real).scatter(1, highest, all_chosen)
    return tokens.masked_fill(chosen & real & ~spared, UNKNOWN)
