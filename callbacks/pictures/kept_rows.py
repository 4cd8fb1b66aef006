"""What a module said of the validation rows of one epoch, within bounds."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from datamodules.batch import StepOutput

MOST_ROWS = 20_000
"""Rows that are kept at most; pictures of more look the same."""
MOST_NUMBERS = 4_000_000
"""Logits that are kept at most, 16 MB: of a thousand classes 4000 rows."""


@dataclass(frozen=True)
class Rows:
    """N rows, as in :class:`~datamodules.batch.StepOutput`."""

    logits: Tensor
    target: Tensor
    index: Tensor

    def take(self, places: Tensor) -> "Rows":
        """Return the rows at ``places``, (M,) numbers or (N,) marks."""
        return Rows(self.logits[places], self.target[places], self.index[places])


class KeptRows:
    """Keep the first rows of each batch, the same number of each, so that no batch is preferred.

    Nothing is copied or waited for as batches come in: tensors stay on their device.

    Args:
        batches: how many will come, if that is known; infinite if not.
        world: processes that keep rows, which are gathered in the end.
    """

    def __init__(self, batches: float, world: int = 1) -> None:
        self.batches = batches
        self.world = world
        self.parts: list[Rows] = []
        self.count = 0

    def add(self, output: StepOutput) -> None:
        """Keep a share of one batch."""
        logits = output["logits"]
        most = share_of_batch(logits[:1].numel(), self.batches, self.world, self.count)
        rows = Rows(logits, output["target"], output["index"])
        if len(logits) > most:
            first = [part[:most].clone() for part in (logits, rows.target, rows.index)]
            rows = Rows(*first)  # a view would keep the whole batch
        if len(rows.index):
            self.parts.append(rows)
            self.count += len(rows.index)

    def rows(self) -> Rows | None:
        """Return what is kept of this process, or nothing."""
        return joined(self.parts)


def share_of_batch(width: int, batches: float, world: int, kept: int) -> int:
    """Return how many rows of the next batch are kept.

    Args:
        width: logits of a row.
        batches: of a pass, on each process.
        world: processes.
        kept: rows of earlier batches.
    """
    room = min(MOST_ROWS, MOST_NUMBERS // max(1, width)) // world
    share = room if math.isinf(batches) else math.ceil(room / max(1.0, batches))
    return max(0, min(share, room - kept))


def joined(parts: list[Rows]) -> Rows | None:
    """Return the rows of several parts as one, on the CPU."""
    if not parts:
        return None
    return Rows(
        torch.cat([part.logits.cpu() for part in parts]),
        torch.cat([part.target.cpu() for part in parts]),
        torch.cat([part.index.cpu() for part in parts]),
    )


def gathered(rows: Rows | None, world: int) -> Rows | None:
    """Return the rows of all processes, in the order of their numbers; all must call it."""
    parts: list[Rows | None] = [rows]
    if world > 1:
        parts = [None] * world
        torch.distributed.all_gather_object(parts, rows)
    together = joined([part for part in parts if part is not None])
    return None if together is None else together.take(together.index.argsort())
