"""Which parameters decay, and optimizers that take groups or do not."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import LBFGS, SGD, AdamW, Rprop

from datamodules.errors import UserError
from lightning_modules.parameter_groups.decay import decayed_and_undecayed
from lightning_modules.parameter_groups.optimizer import build_optimizer


class ScaleNorm(nn.Module):
    """A user's normalisation, of two dimensions."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(4, 4))


class Model(nn.Module):
    """One of each: tied layers, norms, tokens, biases of two dimensions, a frozen layer."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, 4))
        self.scale = nn.Parameter(torch.ones(4))
        self.bias = nn.Parameter(torch.zeros(2, 4))
        self.convolution = nn.Conv2d(3, 4, 3)
        self.batch = nn.BatchNorm2d(4)
        self.layer = nn.LayerNorm((4, 4))
        self.own = ScaleNorm()
        self.attention = nn.MultiheadAttention(4, 2)
        self.frozen = nn.Linear(4, 4).requires_grad_(False)
        self.single = nn.Linear(4, 1)
        self.tied = nn.Linear(4, 9)
        self.tied.weight = self.embedding.weight


def names(model: nn.Module, group: dict[str, Any]) -> set[str]:
    known = {id(parameter): name for name, parameter in model.named_parameters()}
    return {known[id(parameter)] for parameter in group["params"]}


def test_norms_biases_and_tokens_do_not_decay():
    model = Model()
    decayed, undecayed = decayed_and_undecayed(model)
    assert names(model, decayed) == {
        "embedding.weight",
        "convolution.weight",
        "attention.in_proj_weight",
        "attention.out_proj.weight",
        "single.weight",
    }
    assert {"token", "scale", "bias", "layer.weight", "own.gain"} <= names(model, undecayed)
    assert (decayed["name"], undecayed["name"]) == ("decayed", "undecayed")
    assert "weight_decay" not in decayed
    assert undecayed["weight_decay"] == 0


def test_each_trained_parameter_is_in_one_group_once():
    model = Model()
    grouped = [id(p) for group in decayed_and_undecayed(model) for p in group["params"]]
    trained = [id(p) for p in model.parameters() if p.requires_grad]
    assert sorted(grouped) == sorted(trained)


def test_no_group_is_empty():
    assert [g["name"] for g in decayed_and_undecayed(nn.Linear(2, 2, bias=False))] == ["decayed"]
    assert [g["name"] for g in decayed_and_undecayed(nn.LayerNorm(2))] == ["undecayed"]


def test_weights_shrink_and_norms_do_not():
    model = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2))
    optimizer = build_optimizer(partial(SGD, lr=1.0, weight_decay=0.5), model)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    weight, *others = model.parameters()
    assert torch.equal(weight, before[0] / 2)
    assert all(map(torch.equal, others, before[1:]))


def test_decay_comes_from_the_optimizer():
    groups = build_optimizer(partial(AdamW, weight_decay=0.3), Model()).param_groups
    assert [(group["name"], group["weight_decay"]) for group in groups] == [
        ("decayed", 0.3),
        ("undecayed", 0.0),
    ]


@pytest.mark.parametrize("kind", [Rprop, LBFGS])
def test_optimizers_without_decay_get_plain_parameters(kind):
    model = nn.Linear(2, 2)
    (group,) = build_optimizer(kind, model).param_groups
    assert [id(p) for p in group["params"]] == [id(model.weight), id(model.bias)]
    assert "weight_decay" not in group


def test_mistakes_are_told():
    with pytest.raises(UserError, match="Invalid learning rate: -1"):
        build_optimizer(partial(AdamW, lr=-1.0), nn.Linear(2, 2))
    with pytest.raises(UserError, match="every parameter of the model is frozen"):
        build_optimizer(AdamW, nn.Linear(2, 2).requires_grad_(False))
