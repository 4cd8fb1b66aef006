"""Which layers of a network LoRA can adapt, and which of them it adapts by default."""

from collections import Counter
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from datamodules.errors import UserError, choices

PROJECTIONS = (
    *("query", "value", "q_proj", "v_proj", "q_lin", "v_lin", "query_proj", "value_proj"),
    *("q", "v", "to_q", "to_v", "qkv", "to_qkv", "qkv_proj", "Wqkv", "in_proj", "query_key_value"),
)
"""What libraries call the layers that make queries and values, or those and the keys in one."""
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def adaptable_layers(
    backbone: nn.Module, inputs: Tensor | Mapping[str, Tensor]
) -> dict[str, nn.Module]:
    """Return the layers, by name, that can be adapted and merged again with nothing lost.

    Linear layers, and convolutions of one group without dilation; of these exact classes, for
    another class may do something else with its weight. Left out are layers that share a weight
    with another, and those that are not called: torch's ``MultiheadAttention``, torchvision's Swin
    and timm's BEiT read the weights of such layers past them, where an adapter would do nothing.

    Args:
        backbone: any network; it is left as it was.
        inputs: a few rows, on which it is run once.
    """
    uses = Counter(id(p) for _, p in backbone.named_parameters(remove_duplicate=False))
    layers = {
        name: layer
        for name, layer in backbone.named_modules()
        if name and _is_plain(layer) and uses[id(layer.weight)] == 1
    }
    called = _called(backbone, layers, inputs)
    return {name: layer for name, layer in layers.items() if name in called}


def default_layers(layers: Mapping[str, nn.Module]) -> list[str]:
    """Return the names of the layers to adapt where nothing else is asked for.

    The projections to queries and values, as Hu et al. 2022, section 4.2, found best; in a network
    without any, all linear layers or all convolutions, whichever hold more of its weights.

    Args:
        layers: those that can be adapted, by name.
    """
    linear = [name for name, layer in layers.items() if isinstance(layer, nn.Linear)]
    projections = [name for name in linear if _last(name) in PROJECTIONS]
    if projections:
        return projections
    others = [name for name in layers if name not in linear]
    sizes = {name: sum(p.numel() for p in layer.parameters()) for name, layer in layers.items()}
    return max(linear, others, key=lambda names: sum(sizes[name] for name in names))


def named_layers(
    targets: Iterable[str], layers: Mapping[str, nn.Module], backbone: nn.Module
) -> list[str]:
    """Return the names of the layers that the user asks for.

    Args:
        targets: names of layers, or the ends of names: ``query`` is every layer of that name.
        layers: those that can be adapted, by name.
        backbone: that they are of.

    Raises:
        UserError: a target is none of them.
    """
    chosen: dict[str, None] = {}
    for target in targets:
        found = [name for name in layers if _is_named(name, target)]
        if not found:
            raise _no_target(target, layers, backbone)
        chosen |= dict.fromkeys(found)
    return list(chosen)


def call_layers_one_by_one(backbone: nn.Module) -> None:
    """Keep torch's encoders from running all layers as one, which would pass adapters by.

    In evaluation ``nn.TransformerEncoderLayer`` hands the weights of its linear layers to one fused
    function instead of calling them.

    Args:
        backbone: changed in place; what it computes stays the same.
    """
    for layer in backbone.modules():
        if isinstance(layer, nn.TransformerEncoderLayer):
            layer.activation_relu_or_gelu = 0
        elif isinstance(layer, nn.TransformerEncoder):
            layer.use_nested_tensor = False


def _is_plain(layer: nn.Module) -> bool:
    if parametrize.is_parametrized(layer):
        return False
    if type(layer) is nn.Linear:
        return True
    # peft builds a convolution's adapter without groups, dilation and padding of another kind
    return (
        isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
        and type(layer) in CONVOLUTIONS
        and layer.groups == 1
        and set(layer.dilation) == {1}
        and layer.padding_mode == "zeros"
    )


def _called(
    backbone: nn.Module, layers: Mapping[str, nn.Module], inputs: Tensor | Mapping[str, Tensor]
) -> set[str]:
    """Return the names of the layers whose ``forward`` runs when the network does."""
    called: set[str] = set()
    modes = {layer: layer.training for layer in backbone.modules()}
    handles = [
        layer.register_forward_hook(lambda *_, name=name: called.add(name))
        for name, layer in layers.items()
    ]
    backbone.eval()  # batch norm keeps its statistics, and no layer is dropped
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            _ = backbone(**inputs) if isinstance(inputs, Mapping) else backbone(inputs)
    finally:
        for handle in handles:
            handle.remove()
        for layer, mode in modes.items():
            layer.training = mode
    return called


def _no_target(target: str, layers: Mapping[str, nn.Module], backbone: nn.Module) -> UserError:
    """Return the error for a target that is no layer which can be adapted."""
    others = [layer for name, layer in backbone.named_modules() if _is_named(name, target)]
    there = f", which is {type(others[0]).__name__} here" if others else ""
    names = dict.fromkeys(map(_last_words, layers))
    return UserError(
        f"--model.adapter.targets: LoRA can adapt no layer '{target}'{there}: only linear layers "
        f"and convolutions of one group, which the network calls.{choices(target, names)}"
    )


def _is_named(name: str, target: str) -> bool:
    return name == target or name.endswith(f".{target}")


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _last_words(name: str) -> str:
    """Return the end of a layer's name, back to a word: ``mlp.0`` of ``blocks.3.mlp.0``."""
    before, _, last = name.rpartition(".")
    return f"{_last_words(before)}.{last}" if before and last.isdigit() else last
