"""What averages have in common: what is averaged, put in and put back, alike in every process."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning import LightningModule
from torch import nn

from callbacks.averages.average import STATISTICS, WeightAverage, norms


class Mean(WeightAverage):
    """Average every step, all of them alike."""

    def is_due(self, trainer) -> bool:
        return True

    def part(self, count: int) -> float:
        return 1 / (count + 1)


class Model(LightningModule):
    """A layer, a batch norm, and one batch norm without running statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, 3), nn.BatchNorm1d(3), nn.BatchNorm1d(3, track_running_stats=False)
        )


def trainer(step: int = 1, world: int = 1) -> Any:
    return SimpleNamespace(global_step=step, world_size=world)


def averaged(module: Model, world: int = 1, *, statistics: float = 1.0) -> Mean:
    """Average weights that are all 0, and then 2, and statistics that are as given."""
    average = Mean()
    with torch.no_grad():
        for value, step in ((0.0, 1), (2.0, 2)):
            for parameter in module.parameters():
                parameter.fill_(value)
            for _, norm in norms(module):
                for kind in STATISTICS:
                    getattr(norm, kind).fill_(statistics)
            average.on_train_batch_start(trainer(step, world), module, None, step - 1)
            average.on_train_batch_end(trainer(step, world), module, None, None, step - 1)
    return average


def numbers(values: Any) -> set[float]:
    return set(values.flatten().tolist())


def test_only_norms_with_running_statistics_are_found():
    assert [name for name, _ in norms(Model())] == ["layers.1"]


def test_parameters_and_statistics_in_training_are_averaged():
    module = Model()
    module.layers[0].requires_grad_(False)
    assert set(averaged(module).average) == {
        "layers.1.weight", "layers.1.bias", "layers.2.weight", "layers.2.bias",
        "layers.1.running_mean", "layers.1.running_var",
    }  # fmt: skip
    module.layers[1].eval()
    assert "layers.1.running_mean" not in averaged(module).average


def test_the_average_stands_in_the_place_of_the_weights_until_they_are_put_back():
    module = Model()
    average = averaged(module)
    average.put_in(trainer())
    average.put_in(trainer())  # once more would take the average for the weights
    assert all(numbers(values) == {1.0} for values in module.parameters())
    average.put_back()
    average.put_back()
    assert all(numbers(values) == {2.0} for values in module.parameters())


def test_an_average_of_nothing_is_not_put_in():
    module, average = Model(), Mean()
    before = {name: values.clone() for name, values in module.state_dict().items()}
    average.put_in(trainer())
    assert all(torch.equal(values, before[name]) for name, values in module.state_dict().items())


def test_a_checkpoint_has_the_average_by_every_name_and_the_weights_beside():
    module = Model()
    module.again = module.layers[0]
    average = averaged(module)
    checkpoint: dict[str, Any] = {"callbacks": {}, "state_dict": dict(module.state_dict())}
    average.on_save_checkpoint(trainer(), module, checkpoint)
    for name in ("layers.0.weight", "again.weight"):
        assert numbers(checkpoint["state_dict"][name]) == {1.0}
    later, copy = Mean(), Model()
    later.on_load_checkpoint(trainer(), copy, checkpoint)
    assert later.count == 2
    assert numbers(copy.layers[0].weight) == {2.0}
    later.on_load_checkpoint(trainer(), copy, {"callbacks": {}})  # of a run without an average
    assert later.count == 2


def _share(rank: int, file: str) -> None:
    torch.distributed.init_process_group("gloo", f"file://{file}", rank=rank, world_size=2)
    module = Model()
    average = averaged(module, 2, statistics=3.0 + rank)
    average.put_in(trainer(2, 2))
    norm = module.layers[1]
    assert numbers(norm.running_mean) == numbers(norm.running_var) == {3.0}
    average.put_back()
    assert numbers(norm.running_mean) == {3.0 + rank}
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_every_process_measures_the_statistics_that_the_checkpoint_holds(tmp_path):
    context = torch.multiprocessing.get_context("fork")
    file = str(tmp_path / "meet")
    children = [context.Process(target=_share, args=(rank, file)) for rank in (0, 1)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0]
