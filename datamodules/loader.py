"""Batches of row numbers, and the loader that fetches each batch whole."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from datamodules.batch import Batch
from datamodules.samplers.drawing import Drawing, times_seen
from datamodules.seeds import mix
from datamodules.store import Store

STEPS = 20
"""Steps of an epoch below which batches become smaller."""
REAL = 0.96
"""The share of a batch of texts that is text: a batch that would hold less is cut shorter."""
FEWEST = 8
"""A batch is not cut below this part of ``batch_size``, however much its texts differ."""
JITTER = 0.02
"""By up to this share lengths seem longer in an epoch, so that texts meet others in the next."""


class RowBatches(Sampler[Tensor]):
    """Divide rows into batches; the order is a function of (seed, epoch) and of nothing else.

    Batches differ in size by at most one row, so there is no small last batch whose gradient is
    all noise. Every rank of a distributed run has as many batches, and a row in each as long as
    there are as many rows as ranks. Rows with lengths go into batches of similar length, which are
    smaller where lengths differ much.

    Where ``drawing`` says which rows an epoch has, each batch is (2, N): the rows, and how often
    each was had in the epoch before.

    Args:
        rows: (M,) row numbers.
        batch_size: the most rows in a batch, over all ranks; more where a rank would otherwise be
            left without a row.
        shuffle: draw a new order each epoch.
        seed: with the epoch, decides the order.
        lengths: (M,) length of each of ``rows``; batches are then of similar length, which
            saves padding.
        rank: which share of each batch is ours.
        world: how many processes share a batch.
        drawing: which of ``rows`` stand in an epoch; by default each does, once.
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
        drawing: Drawing | None = None,
    ) -> None:
        self.rows = rows
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.lengths = lengths
        self.rank = rank
        self.world = world
        self.drawing = drawing
        self.epoch = 0
        self.begun = (0, 0)
        if lengths is None:
            self.sizes = even_sizes(len(rows), batch_size, world)
        else:
            if drawing is not None:  # other epochs have rows of about these lengths
                lengths = lengths[drawing.places(self._generator(0))]
            self.sizes = similar_sizes(lengths, batch_size, max(world, batch_size // FEWEST))

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the next pass; Lightning calls it before each epoch."""
        self.epoch = epoch

    def begin_at(self, epoch: int, batch: int) -> None:
        """Go on with an epoch of which so many batches were had before."""
        self.epoch, self.begun = epoch, (epoch, batch)

    def __len__(self) -> int:
        """How many batches each rank has, the same in every epoch: all step together."""
        return len(self.sizes)

    def __iter__(self) -> Iterator[Tensor]:
        epoch, had = self.begun
        batches = self._batches(self.epoch)
        if self.drawing is not None:
            batches = [torch.stack(pair) for pair in self._with_times(batches)]
        for batch in batches[had if epoch == self.epoch else 0 :]:
            yield batch[..., self.rank :: self.world]

    def whole_sizes(self, epoch: int) -> list[int]:
        """Return how many rows each batch of an epoch has, over all ranks, in their order."""
        if self.shuffle and self.lengths is not None:
            return [len(batch) for batch in self._batches(epoch)]
        return self.sizes

    def _batches(self, epoch: int) -> list[Tensor]:
        """Return the rows of each batch, for all ranks."""
        generator = self._generator(epoch)
        rows = self.rows[self._order(generator)]
        batches = list(rows.split(self.sizes)) if self.sizes else []
        if self.shuffle and self.lengths is not None:
            batches = [batches[i] for i in torch.randperm(len(batches), generator=generator)]
        return batches

    def _generator(self, epoch: int) -> torch.Generator:
        return torch.Generator().manual_seed(mix(self.seed, epoch))

    def _with_times(self, batches: list[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the rows of each batch, with how often each was had in batches before."""
        times = times_seen(torch.cat(batches)) if batches else torch.empty(0)
        return zip(batches, times.split([len(batch) for batch in batches]), strict=True)

    def _order(self, generator: torch.Generator) -> Tensor:
        """Return places in ``rows`` in the order in which they are cut into batches."""
        places = torch.arange(len(self.rows))
        if self.drawing is not None:
            places = self.drawing.places(generator)
        if self.shuffle:
            places = places[torch.randperm(len(places), generator=generator)]
        if self.lengths is None:
            return places
        seeming = self.lengths[places].float()
        if self.shuffle:
            seeming *= 1 + JITTER * torch.rand(len(places), generator=generator)
        return places[seeming.argsort(stable=True, descending=True)]


def even_sizes(rows: int, most: int, least: int) -> list[int]:
    """Return the fewest batch sizes that differ by at most one.

    Args:
        rows: to be divided.
        most: rows in a batch; more where a batch would otherwise have fewer than ``least``.
        least: rows in a batch, unless there are fewer in all.
    """
    count = min(math.ceil(rows / most), max(1, rows // least))
    return [len(part) for part in torch.arange(rows).tensor_split(count)] if rows else []


def similar_sizes(lengths: Tensor, most: int, least: int) -> list[int]:
    """Return the sizes of batches that are cut from rows in descending order of length.

    A batch ends where it is full, or where the next row would bring its share of real tokens below
    ``REAL``.

    Args:
        lengths: (M,) of the rows, in any order.
        most: rows in a batch; more where ``least`` is more.
        least: rows in a batch, whatever it pads.
    """
    ordered = lengths.sort(descending=True).values.clamp(min=1)
    sums = torch.cat([ordered.new_zeros(1), ordered.cumsum(0)])
    sizes: list[int] = []
    most = max(most, least)
    start = 0
    while start < len(ordered):
        counts = torch.arange(1, min(most, len(ordered) - start) + 1)
        real = (sums[start + counts] - sums[start]) / (counts * ordered[start])  # falls with counts
        size = max(int((real >= REAL).sum()), min(least, len(counts)))
        sizes.append(size)
        start += size
    if len(sizes) > 1 and sizes[-1] < least:  # no small last batch
        sizes[-2:] = even_sizes(sizes[-2] + sizes[-1], most, least)
    return sizes


def fitting_batch_size(rows: int, most: int) -> int:
    """Return a power of two that gives an epoch some twenty steps, within 16 and ``most``.

    With fewer steps neither the weights nor the running means of batch normalisation get anywhere
    in the epochs that larger data need.

    Args:
        rows: for training.
        most: the answer for plenty of rows.
    """
    power = round(math.log2(max(1.0, rows / STEPS)))
    return max(min(16, most), min(most, 1 << power))


def position_of(trainer: Any) -> dict[str, int]:
    """Return the epoch and how many of its batches were had, where training is under way.

    Args:
        trainer: whose loops count; ``None`` where there is none.
    """
    if trainer is None or not trainer.training:
        return {}
    batches = trainer.fit_loop.epoch_loop.batch_progress
    # an epoch that is over is counted, and so are all of its batches
    had = 0 if batches.is_last_batch else batches.current.ready
    return {"epoch": trainer.fit_loop.epoch_progress.current.processed, "batch": had}


class Repeating(Dataset[Batch]):
    """Rows of which each may stand several times in an epoch, and is told apart by ``times``.

    Args:
        store: the rows.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def __len__(self) -> int:
        return len(self.store)

    def __getitem__(self, pair: Tensor) -> Batch:
        """Return one batch: (2, N) rows, and how often each was had before."""
        return {**self.store[pair[0]], "times": pair[1]}


def load(store: Store, batches: RowBatches, workers: int = 0) -> DataLoader[Any]:
    """Return a loader that fetches each batch of ``batches`` in one indexing operation.

    Args:
        store: the rows.
        batches: which rows stand in which batch.
        workers: loader processes; rows in memory need none.
    """
    return DataLoader(
        store if batches.drawing is None else Repeating(store),
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
