"""Heads, and how a config names one."""

from collections.abc import Callable

import pytest
import torch
from jsonargparse import ArgumentParser
from torch import nn

from lightning_modules.heads import MLPHead


class Module:
    """Takes a head as the tasks do."""

    def __init__(self, head: Callable[[int, int], nn.Module] = nn.Linear) -> None:
        self.head = head(7, 3)


def test_gives_logits_of_the_width_asked_for():
    head = MLPHead(7, 3, hidden=5, dropout=0.5)
    assert head(torch.randn(2, 7)).shape == (2, 3)
    assert [layer.out_features for layer in head if isinstance(layer, nn.Linear)] == [5, 3]
    assert not torch.equal(head(torch.ones(1, 7)), head(torch.ones(1, 7)))


@pytest.mark.parametrize(
    ("config", "kind", "width"),
    [
        ("{}", nn.Linear, None),
        ("head: MLPHead", MLPHead, 256),
        (
            "head: {class_path: lightning_modules.heads.MLPHead, init_args: {hidden: 64}}",
            MLPHead,
            64,
        ),
    ],
)
def test_config_names_a_head(config, kind, width):
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(Module)
    head = parser.instantiate_classes(parser.parse_string(config))
    built = Module(head.head).head
    assert type(built) is kind
    if width:
        assert isinstance(built, MLPHead)
        assert built[-1].in_features == width
