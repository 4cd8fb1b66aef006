"""What this machine cannot serve is told in a sentence, and what it can is built."""

import pytest
import torch

from datamodules.errors import UserError
from fulgurite.devices import CLUSTER, build_trainer

QUIET = {"logger": False, "enable_progress_bar": False, "accelerator": "cpu"}
NO_GPU = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param(
            {"accelerator": "gpu"}, "accelerator gpu: this machine has none", marks=NO_GPU
        ),
        pytest.param({"accelerator": "cuda"}, "cuda: this machine has none", marks=NO_GPU),
        ({"accelerator": "tpu"}, "--trainer.accelerator tpu: this machine has none that torch"),
        ({"devices": 0}, "--trainer.devices: the trainer cannot be built: `Trainer(devices=0)`"),
        ({"devices": -3}, "--trainer.devices -3: on a CPU this is the number of processes"),
        ({"devices": "many"}, "--trainer.devices many: on a CPU this is the number"),
        ({"devices": [0, 1]}, "--trainer.devices [0, 1]: on a CPU this is the number"),
        ({"strategy": "fsdp"}, "--trainer.strategy: the trainer cannot be built: The strategy"),
        ({"strategy": "fsdp"}, "`fsdp` requires a GPU accelerator"),
        ({"strategy": "deepspeed"}, "--trainer.strategy: the trainer cannot be built: To use the"),
        ({"strategy": "deepspeed"}, "you must have DeepSpeed installed"),
        ({"max_epochs": -7}, "--trainer.max_epochs: the trainer cannot be built"),
        ({"max_time": "soon"}, "--trainer.max_time: the trainer cannot be built"),
        ({"strategy": "ddp_spawn", "devices": 2}, "from which no figures come back; use ddp"),
        ({"strategy": "ddp_fork", "devices": 2}, "from which no figures come back; use ddp"),
        ({"strategy": "together"}, "--trainer.strategy: There is no strategy 'together'"),
        ({"num_nodes": 0}, "`num_nodes` must be a positive integer, but got 0"),
        ({"num_nodes": 2}, "--trainer.num_nodes 2: start the command on every machine, with"),
    ],
)
def test_what_cannot_be_served_is_told(monkeypatch, settings, sentence):
    for name in CLUSTER:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UserError) as told:
        build_trainer(QUIET | settings)
    assert sentence in str(told.value)
    assert "\n" not in str(told.value)


def test_several_nodes_are_served_where_they_know_each_other(monkeypatch):
    for name, value in zip(CLUSTER, ("10.0.0.1", "29500", "0"), strict=True):
        monkeypatch.setenv(name, value)
    assert build_trainer(QUIET | {"num_nodes": 2, "devices": 2}).world_size == 4


def test_a_program_that_starts_other_processes_than_are_asked_for_is_told(monkeypatch):
    names = ["RANK", "LOCAL_RANK", "GROUP_RANK"]
    settings = dict.fromkeys(names, "0") | {"WORLD_SIZE": "3", "LOCAL_WORLD_SIZE": "3"}
    settings |= {"TORCHELASTIC_RUN_ID": "1", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=r"does not match the world size \(3\)"):
        build_trainer(QUIET | {"devices": 2})


def test_several_devices_of_a_cpu_are_processes_that_average_their_gradients():
    trainer = build_trainer(QUIET | {"devices": 2})
    assert type(trainer.strategy).__name__ == "DDPStrategy"
    assert trainer.world_size == 2
