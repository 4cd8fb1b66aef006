"""Rates of parts: what a config asks for, and what a pretrained backbone gets unasked."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import LBFGS, SGD, AdamW, Optimizer, Rprop
from torch.optim.lr_scheduler import CyclicLR, LambdaLR, OneCycleLR

from callbacks.learning_rates import rates
from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.text_transformer import TextTransformer
from lightning_modules.classification import Classification
from lightning_modules.parameter_groups.discriminative import Discriminative
from lightning_modules.parameter_groups.layerwise_decay import LayerwiseDecay
from lightning_modules.parameter_groups.optimizer import build_optimizer, groups_for
from lightning_modules.schedules.cosine import WarmupCosine
from lightning_modules.schedules.factory import build_schedule
from lightning_modules.schedules.one_cycle import OneCycle
from lightning_modules.schedules.plateau import WarmupPlateau

TEXT = DataSpec({"tokens": [16]}, cardinalities={"tokens": [50]})
ADAMW = partial(AdamW, lr=0.5, weight_decay=0.25)


class Model(nn.Module):
    """A backbone of an embedding and two blocks, and a head."""

    def __init__(self, *, pretrained: bool = False) -> None:
        super().__init__()
        backbone: Any = TextTransformer(TEXT, dim=8, depth=2)
        backbone.pretrained = pretrained
        self.backbone = backbone
        self.head = nn.Linear(16, 2)


def told(optimizer: Optimizer) -> list[tuple[str, float, float]]:
    return [(each["name"], each["lr"], each["weight_decay"]) for each in optimizer.param_groups]


def test_the_backbone_learns_at_a_fraction_of_the_head_s_rate():
    optimizer = build_optimizer(ADAMW, Model(), Discriminative(0.5))
    assert told(optimizer) == [
        ("head", 0.5, 0.25),
        ("head undecayed", 0.5, 0.0),
        ("backbone", 0.25, 0.25),
        ("backbone undecayed", 0.25, 0.0),
    ]


def test_the_rate_of_a_block_falls_with_the_blocks_above_it():
    model = Model()
    optimizer = build_optimizer(ADAMW, model, LayerwiseDecay(0.5))
    names = {name: rate for name, rate, _ in told(optimizer) if "undecayed" not in name}
    assert names == {"head": 0.5, "backbone 2": 0.25, "backbone 1": 0.125, "backbone 0": 0.0625}
    of = {id(p): each["lr"] for each in optimizer.param_groups for p in each["params"]}
    assert of[id(model.backbone.embedding.weight)] == 0.0625
    assert of[id(model.backbone.encoder.blocks[0].network_norm.weight)] == 0.125
    assert of[id(model.backbone.encoder.norm.weight)] == 0.25
    assert len(of) == len(list(model.parameters()))


def test_rates_of_layers_are_those_of_timm():
    timm = pytest.importorskip("timm", reason="compares with timm")
    from timm.optim import param_groups_layer_decay

    network = timm.create_model("vit_tiny_patch16_224", num_classes=3)
    theirs = {
        id(parameter): group["lr_scale"]
        for group in param_groups_layer_decay(network, layer_decay=0.65)
        for parameter in group["params"]
    }
    module = nn.Module()
    module.backbone, module.head = network, network.head
    network.head = nn.Identity()
    optimizer = build_optimizer(partial(AdamW, lr=1.0), module, LayerwiseDecay(0.65))
    ours = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    assert ours.keys() == theirs.keys()
    for parameter, rate in ours.items():
        assert rate == pytest.approx(theirs[parameter])


def test_a_pretrained_backbone_learns_slower_unless_told_otherwise():
    assert groups_for(Model(), None) is None
    unasked = groups_for(Model(pretrained=True), None)
    assert isinstance(unasked, Discriminative)
    assert unasked.backbone == 0.1
    chosen = LayerwiseDecay()
    assert groups_for(Model(pretrained=True), chosen) is chosen
    adapted = Model(pretrained=True)
    adapted.adapter = nn.Identity()  # what is trained is as new as the head
    assert groups_for(adapted, None) is None


def test_equal_rates_are_one_curve():
    optimizer = build_optimizer(ADAMW, Model(), Discriminative(1.0))
    assert {name for name, _, _ in told(optimizer)} >= {"head", "backbone"}
    assert rates([optimizer]) == {"train/lr": 0.5}


def test_frozen_parts_have_no_group():
    model = Model()
    model.backbone.embedding.requires_grad_(False)
    model.backbone.positions.requires_grad_(False)
    optimizer = build_optimizer(ADAMW, model, LayerwiseDecay())
    assert not any("backbone 0" in name for name, _, _ in told(optimizer))
    model.backbone.requires_grad_(False)
    (group,) = build_optimizer(LBFGS, model, Discriminative()).param_groups
    assert len(group["params"]) == 2


def test_optimizers_without_decay_have_one_group_a_part():
    groups = build_optimizer(partial(Rprop, lr=0.5), Model(), Discriminative()).param_groups
    assert [(each["name"], each["lr"]) for each in groups] == [("head", 0.5), ("backbone", 0.05)]


def test_what_takes_no_groups_is_told():
    with pytest.raises(UserError, match=r"Discriminative gives parts .* the optimizer LBFGS does"):
        build_optimizer(LBFGS, Model(), Discriminative())
    assert len(build_optimizer(LBFGS, Model(), Discriminative(1.0)).param_groups) == 1
    with pytest.raises(UserError, match="Sequential has no 'backbone'"):
        build_optimizer(ADAMW, nn.Sequential(nn.Linear(2, 2)), LayerwiseDecay())


@pytest.mark.parametrize("value", [0.0, -0.5, 1.5, float("nan"), float("inf")])
def test_factors_out_of_range_are_refused(value):
    with pytest.raises(UserError, match=f"backbone above 0 and at most 1, but was given {value}"):
        Discriminative(value)
    with pytest.raises(UserError, match=f"decay above 0 and at most 1, but was given {value}"):
        LayerwiseDecay(value)


@pytest.mark.parametrize("schedule", [WarmupCosine, OneCycle, WarmupPlateau])
def test_schedules_keep_the_proportions_over_the_whole_run(schedule):
    optimizer = build_optimizer(ADAMW, Model(), Discriminative(0.5))
    built = build_schedule(schedule, optimizer, 20)
    for _ in range(20):
        shown = rates([optimizer])
        assert list(shown) == ["train/lr/head", "train/lr/backbone"]
        assert shown["train/lr/backbone"] == pytest.approx(shown["train/lr/head"] / 2)
        optimizer.step()
        built.step()


def test_schedules_that_set_one_rate_for_all_are_told():
    for flat in (
        partial(OneCycleLR, max_lr=0.1, total_steps=9),
        partial(CyclicLR, base_lr=0.1, max_lr=1.0, cycle_momentum=False),
    ):
        optimizer = build_optimizer(ADAMW, Model(), Discriminative())
        with pytest.raises(UserError, match=r"CycleLR|CyclicLR sets one rate for all"):
            build_schedule(flat, optimizer, 9)
        build_schedule(flat, build_optimizer(ADAMW, Model()), 9)
    by_group = partial(LambdaLR, lr_lambda=lambda step: 1.0)
    build_schedule(by_group, build_optimizer(ADAMW, Model(), Discriminative()), 9)


def test_a_module_keeps_them_as_plain_values(problem, trainer, tmp_path):
    from lightning_modules.backbones.tabular_mlp import TabularMLP

    spec, _ = problem("binary")
    backbone = partial(TabularMLP, width=8, depth=1)
    module = Classification(
        spec, backbone, optimizer=partial(SGD, lr=0.5), parameter_groups=LayerwiseDecay(0.5)
    )
    assert module.hparams["parameter_groups"] == {
        "class_path": "lightning_modules.parameter_groups.layerwise_decay.LayerwiseDecay",
        "init_args": {"decay": 0.5},
    }
    assert [each["lr"] for each in module.configure_optimizers().param_groups][:2] == [0.5, 0.5]
    torch.save(
        {
            "state_dict": module.state_dict(),
            "hyper_parameters": dict(module.hparams),
            "pytorch-lightning_version": "2.6.6",
        },
        tmp_path / "module.ckpt",
    )
    again = Classification.load_from_checkpoint(tmp_path / "module.ckpt", weights_only=True)
    assert isinstance(again.parameter_groups, LayerwiseDecay)
    assert again.parameter_groups.decay == 0.5
