"""The rows whose codes are most like a row's own."""

import torch
from torch import Tensor

from datamodules.progress import progress

BLOCK = 1024


def nearest(codes: Tensor, parts: Tensor | None, count: int, least: float) -> Tensor:
    """Return pairs of rows with a high cosine, each row with at most ``count`` of the nearest.

    Args:
        codes: (N, D) of length 1.
        parts: (N,) the part of each row, where only pairs of two parts are wanted. The rows of the
            largest part then ask for none of their own: the other end of each pair does.
        count: partners that a row asks for.
        least: the least cosine.

    Returns:
        (P, 2) int64 row numbers, the smaller first, no pair twice.
    """
    asking = torch.arange(len(codes))
    if parts is not None:
        asking = asking[parts != parts.bincount().argmax()]
    found = [torch.empty(0, 2, dtype=torch.int64)]
    with progress("looking for near-duplicates", len(asking)) as work:
        for rows in asking.split(BLOCK):
            likeness = codes[rows] @ codes.T
            if parts is None:
                likeness[torch.arange(len(rows)), rows] = -2
            else:
                likeness[parts[rows, None] == parts] = -2
            cosines, partners = likeness.topk(min(count, len(codes) - 1), dim=1)
            place, rank = (cosines >= least).nonzero(as_tuple=True)
            found.append(torch.stack([rows[place], partners[place, rank]], dim=1))
            work.advance(len(rows))
    pairs: Tensor = torch.cat(found).sort(dim=1).values.unique(dim=0)
    return pairs
