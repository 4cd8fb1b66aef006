"""Networks of torchvision: features equal to its own, weights by its names or from files."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from datamodules.errors import UserError
from datamodules.pretrained import torch_hub
from datamodules.pretrained.place import locate
from datamodules.spec import DataSpec
from lightning_modules.backbones import torchvision_backbone
from lightning_modules.backbones.image_preparation import ImagePreparation
from lightning_modules.backbones.torchvision_backbone import TorchvisionBackbone

SMALL = ["resnet18", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5"]
LARGE = ["efficientnet_b0", "regnet_y_400mf", "googlenet", "swin_t", "vit_b_32", "alexnet"]
LARGE += ["densenet121", "convnext_tiny", "inception_v3", "maxvit_t"]


def spec(channels: int = 3, height: int = 300, width: int = 400) -> DataSpec:
    return DataSpec({"image": [channels, height, width]})


def saved(name: str, path: str = "net.pth") -> nn.Module:
    """Return a network of torchvision with random weights, as its file has them."""
    from torchvision import models

    odd = {"init_weights": False, "transform_input": True}
    network: nn.Module = models.get_model(
        name, weights=None, **(odd if name in ("googlenet", "inception_v3") else {})
    )
    for buffer, value in network.named_buffers():
        if buffer.endswith("running_mean"):
            value.normal_(0.0, 0.1)
    torch.save(network.state_dict(), path)
    return network.eval()


def photograph() -> np.ndarray:
    from sklearn.datasets import load_sample_images

    image: np.ndarray = load_sample_images().images[0]
    return image[:300, :400].copy()


def as_batch(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255


@torch.no_grad()
def check_equal(name: str) -> None:
    """Put the last layer back upon the features, and compare with the whole network."""
    from torchvision import models

    network = saved(name)
    backbone = TorchvisionBackbone(spec(), name, "net.pth").eval()
    layers = [k for k, m in network.named_modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    last = layers[-1] if name != "inception_v3" else "fc"
    reached: list[torch.Tensor] = []
    network.get_submodule(last).register_forward_hook(lambda _, given, __: reached.append(given[0]))
    prepare = next(iter(models.get_model_weights(name))).transforms()
    side = backbone.prepare.size[0]
    for image in (photograph(), photograph()[:side, :side]):
        network(prepare(Image.fromarray(image))[None])
        features = backbone(as_batch(image))
        assert features.shape == (1, backbone.out_features)
        assert torch.allclose(features, reached.pop(), atol=1e-5)


@pytest.mark.parametrize("name", SMALL[:1])
def test_features_are_torchvision_s_own(name):
    check_equal(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL[1:] + LARGE)
def test_features_of_every_family_are_torchvision_s_own(name):
    check_equal(name)


def test_a_network_whose_head_is_a_convolution_gives_its_channels():
    saved("squeezenet1_1")
    backbone = TorchvisionBackbone(spec(), "squeezenet1_1", "net.pth")
    assert backbone.out_features == 512


def test_what_was_loaded_is_told():
    saved("resnet18")
    backbone = TorchvisionBackbone(spec(1, 8, 8), "resnet18", "net.pth")
    assert backbone.pretrained
    assert backbone.notes[0] == (
        "loaded 120 of 122 tensors of 'net.pth'; left out: fc.weight, fc.bias; "
        "fitted to the images' channels: conv1.weight"
    )
    assert "8 x 8 pixels are scaled up to 224 x 224" in backbone.notes[1]
    assert backbone.origin["sha256"]
    assert json.loads(json.dumps(backbone.origin)) == backbone.origin
    assert not TorchvisionBackbone(spec(), "resnet18", "random").pretrained


@pytest.mark.parametrize(("channels", "size"), [(1, 64), (4, 64)])
def test_it_is_built_again_without_the_file(channels, size):
    saved("resnet18")
    given: dict[str, Any] = {"name": "resnet18", "weights": "net.pth", "size": size, "crop": 1.0}
    first = TorchvisionBackbone(spec(channels), **given).eval()
    assert first.state_dict()["network.conv1.weight"].shape[1] == channels
    again = TorchvisionBackbone(spec(channels), **{**given, **first.rebuilt_from}).eval()
    again.load_state_dict(first.state_dict())
    image = torch.rand(2, channels, 90, 120)
    assert torch.equal(again(image), first(image))


def test_it_learns(memorises):
    backbone = TorchvisionBackbone(spec(3, 32, 32), "resnet18", "random", size=32)
    assert memorises(backbone, torch.rand(16, 3, 32, 32), steps=60)


@pytest.mark.slow
def test_a_transformer_of_another_size_has_its_positions_resampled():
    from torchvision.models.vision_transformer import interpolate_embeddings

    network = saved("vit_b_32")
    backbone = TorchvisionBackbone(spec(), "vit_b_32", "net.pth", size=64)
    expected = interpolate_embeddings(64, 32, network.state_dict())["encoder.pos_embedding"]
    assert torch.equal(backbone.network.state_dict()["encoder.pos_embedding"], expected)
    with pytest.raises(UserError, match="'vit_b_32' is not built for images of 50 x 50"):
        TorchvisionBackbone(spec(), "vit_b_32", "random", size=50)


def test_weights_by_torchvision_s_name(tmp_path, monkeypatch):
    from torchvision.models import ResNet18_Weights

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch_hub, "reachable", lambda address: False)
    file = ResNet18_Weights.DEFAULT.url.rpartition("/")[2]
    for name in ("DEFAULT", "imagenet1k_v1", "ResNet18_Weights.IMAGENET1K_V1"):
        with pytest.raises(UserError) as told:
            TorchvisionBackbone(spec(), "resnet18", name)
        assert str(tmp_path / "hub/checkpoints") in str(told.value)
        assert file in str(told.value)
    folder = tmp_path / "hub/checkpoints"
    folder.mkdir(parents=True)
    saved("resnet18", str(folder / file))
    with pytest.raises(UserError, match="is not whole"):
        TorchvisionBackbone(spec(), "resnet18", "DEFAULT")
    monkeypatch.setattr(torch_hub, "digits_in", lambda address: None)
    backbone = TorchvisionBackbone(spec(), "resnet18", "DEFAULT")
    assert backbone.origin["name"] == "resnet18 IMAGENET1K_V1"
    assert backbone.origin["revision"] == ResNet18_Weights.DEFAULT.url


def test_pictures_are_prepared_as_the_weights_say():
    def prepared(**given: Any) -> ImagePreparation:
        return TorchvisionBackbone(spec(), "resnet50", "random", **given).prepare

    assert prepared().scaled_size(500, 500) == (256, 256)
    assert prepared(transforms_of="IMAGENET1K_V2").scaled_size(500, 500) == (232, 232)
    assert prepared(size=128, crop=1.0).scaled_size(500, 500) == (128, 128)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": None}, "needs the name of a network"),
        ({"name": "resnt18"}, "Did you mean 'resnet18'"),
        ({"weights": None}, "needs weights: IMAGENET1K_V1, DEFAULT, a file"),
        ({"weights": "IMAGENET1K_V3"}, "Did you mean 'IMAGENET1K_V1'"),
        ({"weights": "nowhere/net.pth"}, "There is no file or folder"),
        ({"transforms_of": "V1"}, "no set of weights with transforms 'V1'"),
        ({"size": 0}, "size of at least 1"),
        ({"crop": 2.0}, "crop is the share"),
    ],
)
def test_what_is_wrong_is_told(given, told):
    with pytest.raises(UserError, match=told):
        TorchvisionBackbone(spec(), **{"name": "resnet18", "weights": "random", **given})


def test_another_network_is_refused():
    saved("squeezenet1_1")
    with pytest.raises(UserError, match=r"'net\.pth' is of another network than resnet18"):
        TorchvisionBackbone(spec(), "resnet18", "net.pth")
    with pytest.raises(UserError, match="wants one image"):
        TorchvisionBackbone(DataSpec({"numeric": [3]}), "resnet18", "random")


def test_a_file_of_torchvision_s_is_known_by_its_digits(monkeypatch):
    saved("resnet18")
    digits = hashlib.sha256(Path("net.pth").read_bytes()).hexdigest()[:8]
    for found, scaled in ((digits, (250, 250)), ("0" * 8, (256, 256))):
        entries = [_Weights("V1", 256, "00000000-"), _Weights("V2", 250, found)]
        known = {each.name: each for each in entries}
        monkeypatch.setattr(torchvision_backbone, "digits_in", lambda address: address)
        place = locate("net.pth")
        meant = torchvision_backbone._meant(place, known)
        assert meant.scaled == scaled


class _Weights:
    """Stands for an entry of torchvision's."""

    def __init__(self, name: str, side: int, url: str) -> None:
        self.name, self.scaled, self.url = name, (side, side), url
