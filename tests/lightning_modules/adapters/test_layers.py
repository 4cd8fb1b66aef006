"""Which layers LoRA takes, and what is said of those that it cannot."""

import pytest
import torch
from torch import nn

from datamodules.errors import UserError
from datamodules.made_up import made_up_inputs
from datamodules.spec import DataSpec
from lightning_modules.adapters.layers import adaptable_layers, default_layers, named_layers


def layers_of(spec: DataSpec, backbone: nn.Module) -> dict[str, nn.Module]:
    return adaptable_layers(backbone, made_up_inputs(spec, 2))


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("bert", {"query", "value"}),
        ("roberta", {"query", "value"}),
        ("timm vit", {"qkv"}),
        ("beit", {"proj", "fc1", "fc2"}),  # its qkv is read past the layer
        ("swin", {"0", "3", "reduction"}),  # as are qkv and proj here
        ("convnext", {"0", "1", "fc1", "fc2"}),  # depthwise ones are in groups
        ("efficientnet", {"conv_pw", "conv_pwl", "conv_head"}),
        ("resnet", {"conv1", "conv2", "0"}),
    ],
)
def test_what_is_adapted_by_default(built, name, last):
    chosen = default_layers(layers_of(*built(name)))
    assert {each.rpartition(".")[2] for each in chosen} == last


class Odd(nn.Module):
    """Layers that cannot be adapted, beside one that can."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = nn.Conv2d(4, 4, 1)
        self.grouped = nn.Conv2d(4, 4, 1, groups=2)
        self.dilated = nn.Conv2d(4, 4, 3, dilation=2, padding=2)
        self.circular = nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular")
        self.unused = nn.Linear(4, 4)
        self.tied, self.twin = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)
        self.twin.weight = self.tied.weight
        self.normed = torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 4, 1))
        self.norm = nn.BatchNorm2d(4)
        self.dropout = nn.Dropout()

    def forward(self, image):
        for layer in (self.plain, self.grouped, self.dilated, self.circular, self.tied):
            image = layer(image)
        return self.dropout(self.norm(self.normed(self.twin(image))))


def test_only_what_can_be_merged_is_adapted_and_a_look_changes_nothing():
    network = Odd()
    network.norm.eval()
    modes = [layer.training for layer in network.modules()]
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    image = torch.rand(2, 4, 5, 5)
    random = torch.get_rng_state()
    assert list(adaptable_layers(network, image)) == ["plain"]
    assert [layer.training for layer in network.modules()] == modes
    assert all(tensor.equal(state[name]) for name, tensor in network.state_dict().items())
    assert torch.get_rng_state().equal(random)
    assert not any(layer._forward_hooks for layer in network.modules())


def test_a_target_is_the_end_of_a_name(built):
    spec, backbone = built("bert")
    layers = layers_of(spec, backbone)
    assert len(named_layers(["query", "self.query"], layers, backbone)) == 2
    assert named_layers(["1.output.dense"], layers, backbone) == [
        "network.encoder.layer.1.output.dense"
    ]


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("qurey", "no layer 'qurey': only linear layers .* Did you mean 'query'"),
        ("LayerNorm", "no layer 'LayerNorm', which is LayerNorm here: only"),
        ("uery", "no layer 'uery'"),
    ],
)
def test_a_target_that_is_no_such_layer_is_told(built, target, sentence):
    spec, backbone = built("bert")
    with pytest.raises(UserError, match=f"^--model.adapter.targets: LoRA can adapt {sentence}"):
        named_layers(["query", target], layers_of(spec, backbone), backbone)
