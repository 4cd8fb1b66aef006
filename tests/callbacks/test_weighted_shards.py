"""Gradients of uneven shards, averaged over processes, are those of the whole batch."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from callbacks.weighted_shards import WeightedShards, shard_weight
from datamodules.loader import RowBatches, load
from datamodules.store import Dense, Store
from lightning_modules.losses.class_weights import total_weight

TARGET = torch.tensor([0, 1, 1, 0, 1, 1, 1, 0, 1])
STORE = Store({"x": Dense(torch.randn(9, 3, generator=torch.Generator().manual_seed(1)))}, TARGET)


def gradients(rows: int, world: int, loss: nn.Module) -> list[torch.Tensor]:
    """Return the average over processes of the gradient of each batch of an epoch."""
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    module: Any = SimpleNamespace(loss_weight=lambda target: total_weight(loss, target))
    loaders = [
        load(STORE, RowBatches(torch.arange(rows), 4, shuffle=True, rank=rank, world=world))
        for rank in range(world)
    ]
    averages = []
    for number, shards in enumerate(zip(*loaders, strict=True)):
        whole = sum(total_weight(loss, shard["target"]) for shard in shards)
        total = torch.zeros_like(model.weight)
        for loader, shard in zip(loaders, shards, strict=True):
            trainer: Any = SimpleNamespace(
                train_dataloader=loader,
                world_size=world,
                current_epoch=0,
                strategy=SimpleNamespace(reduce=lambda weight, reduce_op, whole=whole: whole),
            )
            callback = WeightedShards()
            callback.on_train_batch_start(trainer, module, shard, number)
            mean = loss(model(shard["inputs"]), shard["target"])
            callback.on_before_backward(trainer, module, mean)
            (gradient,) = torch.autograd.grad(mean, model.weight)
            total += gradient
        averages.append(total / world)
    return averages


@pytest.mark.parametrize("weight", [None, torch.tensor([5.0, 1.0])])
@pytest.mark.parametrize("world", [2, 3])
def test_the_average_is_that_of_one_process(world, weight):
    loss = nn.CrossEntropyLoss(weight)
    alone, shared = gradients(9, 1, loss), gradients(9, world, loss)
    assert len(alone) == len(shared) == 3
    for one, several in zip(alone, shared, strict=True):
        torch.testing.assert_close(several, one)


def test_a_process_without_a_row_adds_nothing():
    loss = nn.CrossEntropyLoss()
    (alone,), (shared,) = gradients(2, 1, loss), gradients(2, 4, loss)
    torch.testing.assert_close(shared, alone)


def test_the_loss_itself_stays_as_it_is():
    callback = WeightedShards()
    callback.weight = 0.5
    loss = torch.ones((), requires_grad=True) * 3
    callback.on_before_backward(SimpleNamespace(world_size=2), None, loss)  # type: ignore[arg-type]
    assert float(loss.detach()) == 3.0


def test_batches_of_a_loader_that_is_not_ours_count_alike():
    callback = WeightedShards()
    trainer: Any = SimpleNamespace(train_dataloader=[1, 2], world_size=2, current_epoch=0)
    callback.on_train_batch_start(trainer, None, {"index": torch.arange(3)}, 0)  # type: ignore[arg-type,typeddict-item]
    assert callback.weight == 1.0


def test_even_shards_weigh_one():
    assert shard_weight(4, 8, 2) == 1.0
    assert shard_weight(5, 9, 2) + shard_weight(4, 9, 2) == 2.0
