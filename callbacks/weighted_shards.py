"""Gradients of several processes as one process would have them."""

from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from callbacks.training_loss import loss_weight
from datamodules.batch import Batch
from datamodules.loader import RowBatches


class WeightedShards(Callback):
    """Let the gradient of each process count for the rows that it is of.

    Every process has a mean over its shard of a batch, and their gradients are averaged as if all
    shards were equal. Where a batch does not divide evenly, a row of a small shard would then count
    for more than others. Multiplying each gradient by ``rows * processes / rows of all`` makes the
    average that of the whole batch; a process without a row adds nothing.

    How many rows all processes have is known to our loaders, so nobody has to ask in each step.
    Batches of other loaders are taken to be even. Where the loss has class weights it is these that
    count, and their sum over all processes is asked for.
    """

    def __init__(self) -> None:
        self.weight: Tensor | float = 1.0
        self.epoch: int | None = None
        self.sizes: list[int] = []

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """Find out what the batch counts for."""
        batches = _row_batches(trainer)
        if trainer.world_size == 1 or batches is None:
            self.weight = 1.0
            return
        if self.epoch != trainer.current_epoch:
            self.epoch = trainer.current_epoch
            self.sizes = batches.whole_sizes(self.epoch)
        weight = loss_weight(pl_module, batch)
        if isinstance(weight, Tensor):
            whole = trainer.strategy.reduce(weight.clone(), reduce_op="sum")
        else:
            whole = self.sizes[batch_idx]
        self.weight = shard_weight(weight, whole, trainer.world_size)

    def on_before_backward(
        self, trainer: Trainer, pl_module: LightningModule, loss: Tensor
    ) -> None:
        """Multiply the gradient, and leave the loss itself as it is."""
        weight = self.weight
        if trainer.world_size > 1:
            loss.register_hook(lambda gradient: gradient * weight)


def shard_weight(weight: Tensor | float, whole: Tensor | float, processes: int) -> Tensor | float:
    """Return what a shard's gradient is multiplied by before the average over processes.

    Args:
        weight: rows of the shard, or the sum of their weights.
        whole: the same of the batch, over all processes.
        processes: how many share it.
    """
    return weight * processes / whole


def _row_batches(trainer: Trainer) -> RowBatches | None:
    loader: Any = trainer.train_dataloader
    batches = getattr(loader, "sampler", None)
    return batches if isinstance(batches, RowBatches) else None
