"""What is written of a network of timm, and where."""

import json
import sys
from pathlib import Path

import pytest

from datamodules.errors import UserError
from datamodules.pretrained import hub
from lightning_modules.backbones.timm_description import (
    data_config_of,
    found_weights,
    network_name,
    registered,
    timm_library,
)

timm = pytest.importorskip("timm", reason="needs fulgurite[vision]")


def written(text: str) -> None:
    Path("net").mkdir()
    Path("net/model.safetensors").touch()
    Path("net/config.json").write_text(text)


def test_without_timm_it_is_told(monkeypatch):
    assert timm_library() is timm
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(UserError, match=r"pip install 'fulgurite\[vision\]'"):
        timm_library()


def test_the_weights_that_timm_names_are_those_of_the_hub(monkeypatch):
    monkeypatch.setattr(hub, "reachable", lambda address: False)
    for name, repository in [
        ("resnet18.a2_in1k", "timm/resnet18.a2_in1k"),
        ("resnet18", "timm/resnet18.a1_in1k"),
    ]:
        with pytest.raises(UserError, match=f"no file or folder '{repository}'"):
            found_weights(timm, name, "Default")


@pytest.mark.parametrize("prefix", ["", "local-dir:"])
def test_what_timm_writes_beside_weights(prefix):
    written(json.dumps({"architecture": "resnet18", "pretrained_cfg": {"crop_pct": 0.5}}))
    place, beside = found_weights(timm, None, f"{prefix}net")
    assert place is not None
    assert network_name(timm, None, beside, "net") == "resnet18"
    assert data_config_of(timm, "resnet18", beside, None)["crop_pct"] == 0.5
    assert data_config_of(timm, "resnet18.a1_in1k", beside, {"crop_pct": 1.0})["crop_pct"] == 1.0
    known = timm.models.get_pretrained_cfg("resnet34")
    assert data_config_of(timm, "resnet34", beside, None)["crop_pct"] == known.crop_pct


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", r"config\.json' is no JSON"),
        ("[]", "describes no network"),
        ('{"model_type": "bert"}', r"network of transformers \(bert\).*use TransformersBackbone"),
    ],
)
def test_what_is_no_description_of_timm_s(text, told):
    written(text)
    with pytest.raises(UserError, match=told):
        found_weights(timm, None, "net")


def test_what_timm_knows_of_a_network():
    assert registered(timm, "vit_tiny_patch16_224")["fixed_input_size"]
    with pytest.raises(UserError, match=r"no set of weights in timm 'resnet18\.x'"):
        registered(timm, "resnet18.x")
