"""A checkpoint may not decide what is imported."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from datamodules.errors import UserError
from fulgurite.lone_checkpoint import config_within

OURS = "lightning_modules.backbones.tabular_mlp.TabularMLP"


def state(**model: object) -> dict[str, Any]:
    return {
        "hyper_parameters": {"_class_path": "lightning_modules.classification.Classification"}
        | {"spec": {"class_path": "datamodules.spec.DataSpec"}, "_instantiator": "x.y"}
        | model,
        "datamodule_hyper_parameters": {"_class_path": "datamodules.tabular.TabularDataModule"}
        | {"source": "os.csv"},
    }


def test_what_a_checkpoint_was_built_from():
    backbone = {"class_path": OURS, "init_args": {"width": 8}}
    tree = config_within(state(backbone=backbone, loss="torch.nn.MSELoss"), Path("a.ckpt"))
    assert tree == {
        "model": {
            "class_path": "lightning_modules.classification.Classification",
            "init_args": {"backbone": backbone, "loss": "torch.nn.MSELoss"},
        },
        "data": {
            "class_path": "datamodules.tabular.TabularDataModule",
            "init_args": {"source": "os.csv"},
        },
    }


@pytest.mark.parametrize(
    "name",
    [
        "torch.nn.MSELoss",
        "torch.optim.AdamW",
        "torch.optim.lr_scheduler.ReduceLROnPlateau",
        "torchmetrics.Accuracy",
        "torchmetrics.classification.MulticlassF1Score",
        "torchvision.models.resnet.ResNet",
        "lightning.pytorch.callbacks.EarlyStopping",
    ],
)
def test_classes_of_the_field_are_built(name):
    tree = config_within(state(loss={"class_path": name}), Path("a.ckpt"))
    assert tree["model"]["init_args"]["loss"] == {"class_path": name}


@pytest.mark.parametrize(
    "model",
    [
        {"_class_path": "subprocess.Popen"},
        {"backbone": {"class_path": "subprocess.Popen", "init_args": {"args": ["true"]}}},
        {"backbone": "subprocess.Popen"},
        {"optimizer": {"class_path": OURS, "init_args": {"deep": [{"x": "os.system"}]}}},
        {"loss": {"class_path": "torchevil.Loss"}},
        {"head": {"class_path": 3}},
        {"loss": '{"class_path": "subprocess.Popen"}'},
        {"loss": "'subprocess.Popen'"},
        {"head": {"class_path": "torch.nn.Linear", "init_args": "{bias: subprocess.Popen}"}},
        {"loss": {"class_path": "torch.nn.Module", "init_args": {"name": "subprocess.Popen"}}},
        {"backbone": {"class_path": "torch.hub.load", "init_args": {"repo_or_dir": "a/b"}}},
        {"backbone": {"class_path": "timm.create_model", "init_args": {"model_name": "a"}}},
        {"backbone": "torch.load"},
        {"backbone": "torch.hub"},
        {"loss": {"class_path": "torch.utils.data.DataLoader"}},
        {"loss": {"class_path": "torch.nn.NoSuchLoss"}},
        {"loss": {"class_path": "datamodules.sources.folders.os.system"}},
        {"loss": {"class_path": "datamodules.sources.folders.Path"}},
        {"loss": {"class_path": "datamodules.plain_load.load_plain"}},
    ],
)
def test_a_class_from_elsewhere_is_not_imported(model):
    with pytest.raises(UserError, match=r"'a\.ckpt' names the class '\S+', which is not of this"):
        config_within(state(**model), Path("a.ckpt"))


TRUSTING = {"weights": "random", "trust_remote_code": True}


@pytest.mark.parametrize(
    "backbone",
    [
        {"class_path": OURS, "init_args": TRUSTING},
        {"class_path": OURS, "init_args.trust_remote_code": "yes"},
        json.dumps({"class_path": OURS, "init_args": TRUSTING}),
    ],
)
def test_code_that_comes_with_weights_is_not_run(backbone):
    with pytest.raises(UserError, match=r"'a\.ckpt' says trust_remote_code, .*: --config FILE"):
        config_within(state(backbone=backbone), Path("a.ckpt"))


def test_a_network_that_brings_no_code_is_built():
    backbone = {"class_path": OURS, "init_args": {**TRUSTING, "trust_remote_code": False}}
    tree = config_within(state(backbone=backbone), Path("a.ckpt"))
    assert tree["model"]["init_args"]["backbone"] == backbone


def test_a_checkpoint_that_does_not_say_its_classes_needs_a_config():
    with pytest.raises(UserError, match=r"does not say of what class its model is: give --config"):
        config_within({"state_dict": {}}, Path("a.ckpt"))


def test_the_command_refuses_it_and_runs_nothing(command, run):
    path = Path("evil.ckpt")
    content = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
    args = {"args": ["touch", "harmed"]}
    content["hyper_parameters"]["backbone"] = {"class_path": "subprocess.Popen", "init_args": args}
    torch.save(content, path)
    outcome = command("test", "--ckpt_path", path)
    assert outcome.status == 2
    assert "names the class 'subprocess.Popen', which is not of this program" in outcome.err
    assert not Path("harmed").exists()
