"""Runs that began with weights of others, through the real command."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

pytestmark = pytest.mark.slow
timm = pytest.importorskip("timm", reason="needs fulgurite[vision]")
NAME = "mobilenetv3_small_050"


@pytest.fixture
def words():
    """Write a folder with weights and a config, and return what is typed."""
    from safetensors.torch import save_file

    Path("net").mkdir()
    save_file(timm.create_model(NAME).state_dict(), "net/model.safetensors")
    Path("net/config.json").write_text(json.dumps({"architecture": NAME}))
    backbone = {"class_path": "TimmBackbone", "init_args": {"weights": "net", "size": 32}}
    tree: dict[str, Any] = {
        "data": {"class_path": "ImageDataModule", "init_args": {"source": "sample:digits"}},
        "model": {"class_path": "Classification", "init_args": {"backbone": backbone}},
        "trainer": {"max_epochs": 1, "limit_train_batches": 2, "enable_progress_bar": False},
    }
    Path("probe.yaml").write_text(json.dumps(tree))
    return ["fit", "--config", "probe.yaml"]


def test_a_run_needs_the_files_no_more(command, words):
    assert command(*words).status == 0
    Path("net").rename("gone")
    for run in ("runs/latest", "lone.ckpt"):
        Path("lone.ckpt").write_bytes(Path("runs/latest/checkpoints/best.ckpt").read_bytes())
        outcome = command("test", "--ckpt_path", run)
        assert outcome.status == 0, outcome.err
        assert "test/accuracy" in outcome.out
    outcome = command(*words, "--model.backbone.weights", "lone.ckpt")
    assert outcome.status == 0, outcome.err


class Malicious:
    """Writes a file as soon as it is unpickled."""

    def __reduce__(self):
        return Path.write_text, (Path("ran"), "")


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ("bad.pth", "it is not read: a checkpoint can run any code"),
        ("cut.safetensors", "cannot be read as safetensors: is it whole?"),
        ("other.pth", f"is of another network than {NAME}"),
        ("empty", "There are no weights in 'empty'"),
        ("none.pth", "There is no file or folder 'none.pth'"),
    ],
)
def test_what_is_wrong_with_weights_is_one_sentence(command, words, weights, told):
    Path("bad.pth").write_bytes(pickle.dumps(Malicious(), 2))
    Path("cut.safetensors").write_bytes(Path("net/model.safetensors").read_bytes()[:5000])
    torch.save(timm.create_model("resnet10t").state_dict(), "other.pth")
    Path("empty").mkdir()
    outcome = command(*words, "--model.backbone.name", NAME, "--model.backbone.weights", weights)
    assert outcome.status == 2
    message = outcome.err[outcome.err.index("error: ") :]
    assert told in message
    assert len(message.strip().splitlines()) == 1
    assert not Path("ran").exists()
    assert not Path("runs").exists()


def test_a_run_goes_on_at_the_same_rates_without_the_files(command, words):
    """A backbone that was pretrained learns slower than the head, also once it is resumed."""
    assert command(*words, "--trainer.max_epochs", "2").status == 0
    whole = torch.load("runs/latest/checkpoints/last.ckpt", weights_only=True)
    assert command(*words).status == 0
    Path("net").rename("gone")
    outcome = command("fit", "--resume", "last", "--trainer.max_epochs", "2")
    assert outcome.status == 0, outcome.err
    resumed = torch.load("runs/latest/checkpoints/last.ckpt", weights_only=True)
    for name, tensor in whole["state_dict"].items():
        assert torch.equal(tensor, resumed["state_dict"][name]), name
    groups = resumed["optimizer_states"][0]["param_groups"]
    rates = {group["name"].removesuffix(" undecayed"): group["lr"] for group in groups}
    assert rates["backbone"] == pytest.approx(rates["head"] / 10)


def test_a_run_of_another_network_is_no_beginning(command, words):
    from safetensors.torch import save_file

    assert command(*words).status == 0
    Path("other").mkdir()
    save_file(timm.create_model("resnet10t").state_dict(), "other/model.safetensors")
    Path("other/config.json").write_text(json.dumps({"architecture": "resnet10t"}))
    others = ["--model.backbone.weights", "other", "--init_from", "last"]
    outcome = command(*words, *others)
    assert outcome.status == 2
    assert "is of another network than TimmBackbone here: 0% of the backbone's" in outcome.err
    assert command(*words, "--init_from", "last").status == 0
