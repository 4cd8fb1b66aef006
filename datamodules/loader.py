"""Batches of row numbers, and the loader that fetches each batch whole."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler

from datamodules.seeds import mix
from datamodules.store import Store

POOL = 256
"""Batches whose rows are sorted by length together: more pads less, fewer shuffles better.

Of the places in batches of 32 texts of the samples, this leaves 1 to 4 % to padding, and 64 leaves
3 to 13 %.
"""


class RowBatches(Sampler[Tensor]):
    """Divide rows into batches; the order is a function of (seed, epoch) and of nothing else.

    Batches differ in size by at most one row, so there is no small last batch whose gradient is
    all noise. Every rank of a distributed run has as many batches, and a row in each as long as
    there are as many rows as ranks.

    Args:
        rows: (M,) row numbers.
        batch_size: the most rows in a batch, on each device; one more where a rank would otherwise
            be left without a row.
        shuffle: draw a new order each epoch.
        seed: with the epoch, decides the order.
        lengths: (M,) length of each of ``rows``; batches are then of similar length, which
            saves padding.
        rank: which share of each batch is ours.
        world: how many processes share a batch.
    """

    def __init__(
        self,
        rows: Tensor,
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
        lengths: Tensor | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.rows = rows
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.lengths = lengths
        self.rank = rank
        self.world = world
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the next pass; Lightning calls it before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        """How many batches each rank has: all step together."""
        fewest = math.ceil(len(self.rows) / (self.batch_size * self.world))
        return min(fewest, max(1, len(self.rows) // self.world))

    def __iter__(self) -> Iterator[Tensor]:
        if not self.shuffle:
            return self._in_order()
        return self._shuffled()

    def _in_order(self) -> Iterator[Tensor]:
        mine = self.rows[self.rank :: self.world]
        if self.lengths is not None:
            mine = mine[self.lengths[self.rank :: self.world].argsort(stable=True)]
        yield from _even_batches(mine, len(self))

    def _shuffled(self) -> Iterator[Tensor]:
        generator = torch.Generator().manual_seed(mix(self.seed, self.epoch))
        order = torch.randperm(len(self.rows), generator=generator)
        batches = _even_batches(order, len(self))
        if self.lengths is not None:
            batches = _of_similar_length(batches, self.lengths)
            batches = [batches[i] for i in torch.randperm(len(batches), generator=generator)]
        for batch in batches:
            yield self.rows[batch[self.rank :: self.world]]


def _even_batches(order: Tensor, count: int) -> list[Tensor]:
    return list(order.tensor_split(count)) if count else []


def _of_similar_length(batches: list[Tensor], lengths: Tensor) -> list[Tensor]:
    """Sort by length within pools of shuffled batches, then divide each pool anew."""
    sorted_batches: list[Tensor] = []
    for start in range(0, len(batches), POOL):
        pool = torch.cat(batches[start : start + POOL])
        pool = pool[lengths[pool].argsort(stable=True)]
        sorted_batches += pool.tensor_split(len(batches[start : start + POOL]))
    return sorted_batches


def load(store: Store, batches: RowBatches, workers: int = 0) -> DataLoader[Any]:
    """Return a loader that fetches each batch of ``batches`` in one indexing operation.

    Args:
        store: the rows.
        batches: which rows stand in which batch.
        workers: loader processes; rows in memory need none.
    """
    return DataLoader(
        store,
        batch_size=None,  # the sampler yields whole batches
        sampler=batches,
        collate_fn=_as_fetched,
        num_workers=workers,
        # A generator of its own: the loader must not draw from the global one, or a resumed run
        # would go on with other random numbers.
        generator=torch.Generator(),
        persistent_workers=workers > 0,
    )


def _as_fetched(batch: Any) -> Any:
    return batch
