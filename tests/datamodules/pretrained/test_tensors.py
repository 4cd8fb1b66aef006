"""Tensors of files of weights, in every form that they come in."""

import pytest
import torch

from datamodules.errors import UserError
from datamodules.pretrained.tensors import backbone_in, read_tensors

WEIGHTS = {"conv.weight": torch.ones(2, 3), "conv.bias": torch.zeros(2)}


def same(found: dict[str, torch.Tensor]) -> bool:
    return found.keys() == WEIGHTS.keys() and all(torch.equal(found[k], WEIGHTS[k]) for k in found)


@pytest.mark.parametrize(
    "held",
    [
        WEIGHTS,
        {"state_dict": WEIGHTS, "epoch": 3},
        {"model": {"state_dict": WEIGHTS}},
        {"state_dict": {"conv.weight": torch.zeros(9)}, "state_dict_ema": WEIGHTS},
        {**WEIGHTS, "version": 2},
    ],
)
def test_a_state_dict_alone_or_within_a_checkpoint(tmp_path, held):
    torch.save(held, tmp_path / "net.pth")
    assert same(read_tensors([tmp_path / "net.pth"]))


def test_the_backbone_of_our_own_checkpoint(tmp_path):
    ours = {f"backbone.{key}": value for key, value in WEIGHTS.items()}
    node = {"class_path": "lightning_modules.backbones.x.Net", "init_args": {"depth": 2}}
    held = {
        "state_dict": {**ours, "head.weight": torch.ones(1)},
        "hyper_parameters": {"backbone": node},
    }
    torch.save(held, tmp_path / "best.ckpt")
    assert same(read_tensors([tmp_path / "best.ckpt"]))
    assert backbone_in(tmp_path / "best.ckpt") == ("Net", {"depth": 2})
    torch.save({"state_dict": WEIGHTS}, tmp_path / "other.ckpt")
    assert backbone_in(tmp_path / "other.ckpt") is None
    assert backbone_in(tmp_path / "net.pth") is None


def test_to_know_a_backbone_no_tensor_is_read(tmp_path, monkeypatch):
    torch.save({"state_dict": WEIGHTS}, tmp_path / "net.ckpt")
    asked, load = [], torch.load

    def watched(*args, **kwargs):
        asked.append(kwargs["mmap"])
        return load(*args, **kwargs)

    monkeypatch.setattr(torch, "load", watched)
    backbone_in(tmp_path / "net.ckpt")
    read_tensors([tmp_path / "net.ckpt"])
    assert asked == [True, False]


def test_safetensors_in_several_files(tmp_path):
    torch_files = pytest.importorskip("safetensors.torch", reason="needs fulgurite[vision]")
    for key, value in WEIGHTS.items():
        torch_files.save_file({key: value}, tmp_path / f"{key}.safetensors")
    assert same(read_tensors(sorted(tmp_path.iterdir())))


def test_what_holds_no_weights_is_told(tmp_path):
    torch.save([1, 2], tmp_path / "net.pth")
    with pytest.raises(UserError, match="holds no weights by name: a list"):
        read_tensors([tmp_path / "net.pth"])


def test_truncated_safetensors_are_told(tmp_path):
    torch_files = pytest.importorskip("safetensors.torch", reason="needs fulgurite[vision]")
    path = tmp_path / "net.safetensors"
    torch_files.save_file(WEIGHTS, path)
    whole = path.read_bytes()
    for content in (whole[:-4], whole[:20], b"", b"x" * 100):
        path.write_bytes(content)
        with pytest.raises(UserError, match="cannot be read as safetensors: is it whole"):
            read_tensors([path])
