"""Networks of other libraries as backbones, small and with random weights."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from datamodules.spec import DataSpec, TargetSpec

TARGET = TargetSpec("multiclass", ["a", "b", "c"], counts=[5, 5, 5], rows=15)
IMAGE = DataSpec({"image": [3, 32, 32]}, TARGET)
TEXT = DataSpec({"tokens": [12]}, TARGET, cardinalities={"tokens": [99]})
TABLE = DataSpec(
    {"numeric": [4], "categorical": [2]},
    TARGET,
    cardinalities={"categorical": [3, 5]},
    quantiles=[[-1.0, 0.0, 1.0]] * 4,
)


class Foreign(nn.Module):
    """What a library's network gives, as features."""

    def __init__(self, network: nn.Module, out_features: int) -> None:
        super().__init__()
        self.network = network
        self.out_features = out_features

    def forward(self, inputs: Tensor) -> Tensor:
        found: Any = self.network(inputs)
        found = getattr(found, "last_hidden_state", found)
        features: Tensor = found.mean(dim=1) if found.ndim == 3 else found
        return features


class Encoder(nn.Module):
    """torch's own encoder, which in evaluation runs all of a layer as one function."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(99, 16)
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, dropout=0.0)
        self.layers = nn.TransformerEncoder(layer, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        encoded: Tensor = self.layers(self.embedding(tokens), src_key_padding_mask=tokens == 0)
        return encoded


def timm(name: str, **how: Any) -> nn.Module:
    library = pytest.importorskip("timm", reason="needs timm: pip install 'fulgurite[vision]'")
    network = library.create_model(name, num_classes=0, **how)
    return Foreign(network, network.num_features)


def transformers(name: str, **how: Any) -> nn.Module:
    library = pytest.importorskip(
        "transformers", reason="needs transformers: pip install 'fulgurite[text]'"
    )
    config = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    made = getattr(library, f"{name}Config")(**config, intermediate_size=32, **how)
    return Foreign(getattr(library, f"{name}Model")(made), 16)


def torchvision(name: str, out_features: int, **how: Any) -> nn.Module:
    from torchvision import models

    network = getattr(models, name)(weights=None, **how)
    last = "heads" if name == "vit_b_16" else "head" if "swin" in name else "fc"
    setattr(network, last, nn.Identity())
    return Foreign(network, out_features)


SMALL_VIT = {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 2, "num_heads": 2}
NETWORKS: dict[str, tuple[DataSpec, Callable[[], nn.Module]]] = {
    "bert": (TEXT, lambda: transformers("Bert", vocab_size=99)),
    "roberta": (TEXT, lambda: transformers("Roberta", vocab_size=99)),
    "vit": (IMAGE, lambda: transformers("ViT", image_size=32)),
    "timm vit": (IMAGE, lambda: timm("vit_tiny_patch16_224", **SMALL_VIT)),
    "beit": (IMAGE, lambda: timm("beit_base_patch16_224", **SMALL_VIT)),
    "convnext": (IMAGE, lambda: timm("convnext_atto", depths=(1, 1, 1, 1), dims=(8, 8, 16, 16))),
    "efficientnet": (IMAGE, lambda: timm("tf_efficientnet_lite0")),
    "resnet": (IMAGE, lambda: torchvision("resnet18", 512)),
    "swin": (IMAGE, lambda: torchvision("swin_t", 768)),
    "torch encoder": (TEXT, lambda: Foreign(Encoder(), 16)),
}


@pytest.fixture(params=NETWORKS)
def foreign(request: pytest.FixtureRequest) -> tuple[DataSpec, nn.Module]:
    """A network of each library, with data that suit it."""
    pytest.importorskip("peft", reason="needs peft: pip install 'fulgurite[lora]'")
    spec, build = NETWORKS[request.param]
    return spec, build()


@pytest.fixture
def built() -> Callable[[str], tuple[DataSpec, nn.Module]]:
    """Build one of the networks by its name."""
    pytest.importorskip("peft", reason="needs peft: pip install 'fulgurite[lora]'")
    return lambda name: (NETWORKS[name][0], NETWORKS[name][1]())


@pytest.fixture
def perturb() -> Callable[[nn.Module], None]:
    """Make adapters that have just begun, and are zero, do something."""

    def change(network: nn.Module) -> None:
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                if "lora_" in name:
                    parameter.add_(torch.randn_like(parameter) * 0.05)

    return change
