"""What a frozen backbone makes of rows, computed once."""

import torch
from lightning.fabric.utilities import move_data_to_device
from lightning.pytorch import Trainer
from torch import Tensor

from datamodules.progress import progress
from datamodules.store import Store
from lightning_modules.supervised import SupervisedModule

ROWS = 64
"""Rows that go through the backbone at once."""


class CachedFeatures:
    """A column of features of some rows of a data set.

    Args:
        rows: how many rows the data set has.
    """

    def __init__(self, rows: int) -> None:
        self.places = torch.full((rows,), -1)
        self.values = torch.empty(0)

    def __len__(self) -> int:
        return len(self.places)

    def fill(self, rows: Tensor, values: Tensor) -> None:
        """Keep the features of ``rows``, (M,), which are (M, F)."""
        self.places[rows] = torch.arange(len(rows))
        self.values = values

    def take(self, rows: Tensor) -> Tensor:
        """Return the features of ``rows``: (N,) -> (N, F).

        Raises:
            IndexError: those of one of them were not computed.
        """
        return self.values.index_select(0, self.places.index_select(0, rows))


@torch.no_grad()
def features_of(module: SupervisedModule, store: Store, rows: Tensor, trainer: Trainer) -> Tensor:
    """Return the features of rows, on the CPU; all processes share the work and have them all.

    Args:
        module: whose backbone is in evaluation mode.
        store: the data set.
        rows: (M,) int64.
        trainer: says where and how precisely to compute.

    Returns:
        (M, F), in the order of ``rows``.
    """
    order = _by_length(store, rows)
    world = trainer.world_size
    each = -(-len(rows) // world)
    places = torch.arange(trainer.global_rank, each * world, world) % max(1, len(rows))
    ours = rows[order[places]]  # every process has as many, some of them twice
    parts = []
    with progress("computing features", len(ours)) as work:
        for batch in ours.split(ROWS):
            parts.append(_features(module, store, batch, trainer))
            work.advance(len(batch))
    computed = torch.cat(parts)
    if world > 1:
        shares = trainer.strategy.all_gather(computed.to(module.device))  # (world, each, F)
        computed = shares.transpose(0, 1).flatten(0, 1).cpu()
    features = torch.empty_like(computed[: len(rows)])
    features[order] = computed[: len(rows)]
    return features


def _by_length(store: Store, rows: Tensor) -> Tensor:
    """Return places in ``rows`` in the order of their length, as far as they have one."""
    lengths = store.lengths
    if lengths is None:
        return torch.arange(len(rows))
    return lengths[rows].argsort(stable=True, descending=True)


def _features(module: SupervisedModule, store: Store, rows: Tensor, trainer: Trainer) -> Tensor:
    precision = trainer.strategy.precision_plugin
    inputs = move_data_to_device(store.own_inputs(rows), module.device)
    with precision.forward_context():
        return module.features(precision.convert_input(inputs)).cpu()
