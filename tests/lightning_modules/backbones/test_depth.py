"""Depths are those that timm gives its own networks, and what the names of others say."""

from typing import Any

import pytest
import torch
from torch import nn

from datamodules.spec import DataSpec
from lightning_modules.backbones.depth import blocks_of, depths_of
from lightning_modules.backbones.ft_transformer import FTTransformer
from lightning_modules.backbones.resnet import ResNet
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.backbones.text_transformer import TextTransformer
from lightning_modules.backbones.vision_transformer import VisionTransformer

IMAGE = DataSpec({"image": [3, 32, 32]})
TEXT = DataSpec({"tokens": [16]}, cardinalities={"tokens": [50]})
TABLE = DataSpec({"numeric": [3]}, quantiles=[[0.0, 1.0, 2.0]] * 3)


@pytest.mark.parametrize(
    "name",
    [
        "resnet18",
        "resnet50",
        "vit_tiny_patch16_224",
        "efficientnet_lite0",
        "mobilenetv2_100",
        "swin_tiny_patch4_window7_224",
        "regnety_002",
    ],
)
def test_networks_of_timm_have_timm_s_own_order(name):
    timm = pytest.importorskip("timm", reason="compares with timm")
    from timm.models._manipulate import group_parameters

    with torch.device("meta"):
        network = timm.create_model(name, num_classes=0)
    theirs = group_parameters(network, network.group_matcher())
    assert [set(block) for block in blocks_of(network)] == [
        set(names) for _, names in sorted(theirs.items())
    ]


def test_what_follows_the_last_block_goes_with_it():
    timm = pytest.importorskip("timm", reason="has such a network")
    with torch.device("meta"):
        blocks = blocks_of(timm.create_model("convnext_atto", num_classes=0))
    assert len(blocks) == 1 + 2 + 2 + 6 + 2
    assert [name for name in blocks[-1] if not name.startswith("stages.3.blocks.1.")] == [
        "head.norm.weight",
        "head.norm.bias",
    ]
    # a downsampling goes with the first block that sees what is left
    assert blocks[3][0].startswith("stages.1.downsample.")


@pytest.mark.parametrize(
    ("name", "count", "first", "last"),
    [
        ("resnet18", 9, "conv1.weight", "layer4.1.conv1.weight"),
        ("convnext_tiny", 22, "features.0.0.weight", "features.7.2.layer_scale"),
        ("vit_b_32", 13, "class_token", "encoder.layers.encoder_layer_11.ln_1.weight"),
        ("efficientnet_v2_s", 42, "features.0.0.weight", "features.7.0.weight"),
        ("mobilenet_v3_small", 13, "features.0.0.weight", "features.12.0.weight"),
    ],
)
def test_networks_of_torchvision(name, count, first, last):
    models = pytest.importorskip("torchvision.models", reason="has the networks")
    with torch.device("meta"):
        blocks = blocks_of(models.get_model(name, weights=None))
    assert (len(blocks), blocks[0][0], blocks[-1][0]) == (count, first, last)


@pytest.mark.parametrize("name", ["Bert", "Roberta", "ViT"])
def test_networks_of_transformers(name):
    transformers = pytest.importorskip("transformers", reason="has the networks")
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 12}
    config = getattr(transformers, f"{name}Config")(num_attention_heads=2, vocab_size=9, **sizes)
    with torch.device("meta"):
        blocks = blocks_of(getattr(transformers, f"{name}Model")(config))
    assert len(blocks) == 13
    assert all(parameter.startswith("embeddings.") for parameter in blocks[0])
    for number in range(11):
        assert all(
            f"layers.{number}." in p.replace("layer.", "layers.") for p in blocks[number + 1]
        )
    assert blocks[-1][-1] == "pooler.dense.bias"


@pytest.mark.parametrize(
    ("backbone", "spec", "starts"),
    [
        (ResNet, IMAGE, ["stages.0.", *(f"stages.{number}." for number in range(1, 7))]),
        (VisionTransformer, IMAGE, ["positions", *(f"encoder.blocks.{n}." for n in range(4))]),
        (TextTransformer, TEXT, ["positions", "encoder.blocks.0.", "encoder.blocks.1."]),
        (FTTransformer, TABLE, ["class_token", "encoder.blocks.0.", "encoder.blocks.1."]),
        (TabularMLP, TABLE, ["numeric.", "layers.0.", "layers.3."]),
    ],
)
def test_backbones_of_ours(backbone, spec, starts):
    network = backbone(spec)
    blocks = blocks_of(network)
    assert len(blocks) == len(starts)
    for block, start in zip(blocks, starts, strict=True):
        assert block[0].startswith(start)
    everything = [parameter for block in blocks for parameter in block]
    assert sorted(everything) == sorted(name for name, _ in network.named_parameters())


def test_modules_without_parameters_lie_where_they_are_passed():
    network = TextTransformer(TEXT)
    depths = depths_of(network)
    assert set(depths) == {name for name, _ in network.named_modules()}
    assert (depths[""], depths["dropout"]) == (0, 0)
    assert (depths["encoder.blocks.0.dropout"], depths["encoder.blocks.1.dropout"]) == (1, 2)


def test_what_has_no_numbers_is_one_block():
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(3, 4)
            self.out = nn.Linear(4, 4)

    blocks: Any = blocks_of(Plain())
    assert blocks == [["table.weight", "out.weight", "out.bias"]]
    assert blocks_of(nn.Identity()) == [[]]
