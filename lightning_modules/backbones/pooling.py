"""One vector out of the many that a transformer gives for a text or an image."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

Pooling = Literal["mean", "cls", "max", "last", "pooler"]


def pool(hidden: Tensor, mask: Tensor, pooled: Tensor | None, how: Sequence[Pooling]) -> Tensor:
    """Return the features of each row, one pooling beside the other.

    ``mean`` and ``max`` are over the real tokens, ``cls`` is the first token, ``last`` the last
    real one, which alone has seen the whole text where attention looks back only, and ``pooler``
    what the network itself makes of the first. A row without real tokens has features of 0.

    Args:
        hidden: the last hidden states, (N, L, D).
        mask: (N, L) boolean, True for a real token; padding stands behind.
        pooled: the network's own features, (N, F), if it has any.
        how: the poolings.

    Returns:
        (N, D) for each pooling, joined.
    """
    parts: list[Tensor] = []
    real = mask[:, :, None]
    for each in how:
        if each == "pooler":
            assert pooled is not None
            parts.append(pooled)
        elif each == "cls":
            parts.append(hidden[:, 0])
        elif each == "max":
            parts.append(hidden.masked_fill(~real, torch.finfo(hidden.dtype).min).amax(dim=1))
        elif each == "last":
            last = (mask.sum(dim=1) - 1).clamp(min=0)
            places = last[:, None, None].expand(-1, 1, hidden.shape[2])
            parts.append(hidden.gather(1, places).squeeze(1))
        else:
            count = real.sum(dim=1).clamp(min=1)
            parts.append(hidden.masked_fill(~real, 0.0).sum(dim=1) / count)
    return torch.cat(parts, dim=1).masked_fill(~mask.any(dim=1, keepdim=True), 0.0)
