"""Schedules named in a config, through the parser, and built with what a run gives."""

import math
from functools import partial

import pytest
import torch
from jsonargparse import ArgumentError, ArgumentParser
from torch import nn
from torch.optim import SGD, Adagrad, Optimizer
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LRScheduler,
    OneCycleLR,
    ReduceLROnPlateau,
    StepLR,
)

from datamodules.errors import UserError
from lightning_modules.schedules.cosine import WarmupCosine
from lightning_modules.schedules.factory import Schedule, build_schedule
from lightning_modules.schedules.one_cycle import OneCycle
from lightning_modules.schedules.plateau import WarmupPlateau
from lightning_modules.schedules.step import WarmupStep
from lightning_modules.schedules.warmup import Constant

TORCH = "torch.optim.lr_scheduler."


class Module:
    """Takes a schedule as the tasks do."""

    def __init__(self, scheduler: Schedule | None = WarmupCosine) -> None:
        self.scheduler = scheduler


class HandsOn(WarmupCosine):
    """A user's schedule that hands its keywords on."""

    def __init__(self, optimizer: Optimizer, **kwargs) -> None:
        super().__init__(optimizer, **kwargs)


def optimizer(lr: float = 0.1) -> Optimizer:
    return SGD([nn.Parameter(torch.zeros(1))], lr=lr, momentum=0.9)


def parse(config: str, own_instantiator: bool = False):
    parser = ArgumentParser(exit_on_error=False)
    if own_instantiator:
        parser.add_instantiator(lambda kind, *a, **k: kind(*a, **k), object, subclasses=True)
    parser.add_class_arguments(Module, "model")
    return parser.instantiate_classes(parser.parse_string(config)).model


def from_config(config: str, own_instantiator: bool = False) -> LRScheduler:
    scheduler = parse(config, own_instantiator).scheduler
    assert scheduler is not None
    return build_schedule(scheduler, optimizer(), 100)


@pytest.mark.parametrize("own_instantiator", [False, True])
@pytest.mark.parametrize(
    ("config", "kind", "expected"),
    [
        ("", WarmupCosine, {"total_steps": 100, "warmup_steps": 5}),
        ("scheduler: WarmupCosine", WarmupCosine, {"total_steps": 100}),
        (
            "scheduler: {class_path: WarmupCosine, init_args: {warmup: 9}}",
            None,
            {"warmup_steps": 9},
        ),
        (
            "scheduler: {class_path: WarmupStep, init_args: {milestones: [0.2, 0.4]}}",
            WarmupStep,
            {"drops": [20, 40]},
        ),
        ("scheduler: {class_path: WarmupPlateau, init_args: {mode: max}}", WarmupPlateau, {}),
        ("scheduler: OneCycle", OneCycle, {"total_steps": 100}),
        ("scheduler: Constant", Constant, {"total_steps": 100}),
        ("scheduler: HandsOn", HandsOn, {"total_steps": 100}),
        (
            f"scheduler: {{class_path: {TORCH}StepLR, init_args: {{step_size: 3}}}}",
            StepLR,
            {"step_size": 3},
        ),
        (
            "scheduler: {class_path: CosineAnnealingLR, init_args: {T_max: 7}}",
            CosineAnnealingLR,
            {"T_max": 7},
        ),
        (
            "scheduler: {class_path: OneCycleLR, init_args: {max_lr: 0.5}}",
            OneCycleLR,
            {"total_steps": 100},
        ),
    ],
)
def test_config_names_a_schedule_without_its_length(config, kind, expected, own_instantiator):
    schedule = from_config(f"{{model: {{{config}}}}}", own_instantiator)
    assert type(schedule) is (kind or WarmupCosine)
    assert expected.items() <= vars(schedule).items()


def test_no_schedule_can_be_asked_for():
    assert parse("{model: {scheduler: null}}").scheduler is None


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{class_path: StepLR}", "step_size"),
        ("{class_path: WarmupCosine, init_args: {total_steps: 3}}", "total_steps"),
        ("{class_path: WarmupCosine, init_args: {warm_up: 3}}", "warm_up"),
        ("{class_path: torch.nn.Linear}", "LRScheduler"),
    ],
)
def test_parser_refuses_what_a_schedule_lacks_or_does_not_take(config, message):
    with pytest.raises(ArgumentError, match=message):
        parse(f"{{model: {{scheduler: {config}}}}}")


@pytest.mark.parametrize(
    ("factory", "length"),
    [
        (WarmupCosine, 100),
        (partial(WarmupCosine, warmup=3), 100),
        (partial(WarmupCosine, total_steps=40), 40),
        (lambda optimizer, total_steps: OneCycle(optimizer, total_steps), 100),
        (lambda optimizer: Constant(optimizer, 5), 5),
    ],
)
def test_classes_partials_and_functions_from_python(factory, length):
    assert vars(build_schedule(factory, optimizer(), 100))["total_steps"] == length


def test_length_is_never_taken_for_something_else():
    schedule = build_schedule(partial(StepLR, step_size=3), optimizer(), 100)
    assert isinstance(schedule, StepLR)
    assert schedule.step_size == 3


@pytest.mark.parametrize("unknown", [math.inf, -1, 0])
def test_unknown_length_is_minus_one(unknown):
    schedule = build_schedule(Constant, optimizer(), unknown)
    assert vars(schedule)["total_steps"] == -1


def test_what_torch_refuses_is_told():
    factory = partial(OneCycleLR, max_lr=1.0)
    with pytest.raises(UserError, match="OneCycleLR cannot be built for a run of -1 steps: Expec"):
        build_schedule(factory, optimizer(), math.inf)
    with pytest.raises(UserError, match="momentum"):
        build_schedule(factory, Adagrad([nn.Parameter(torch.zeros(1))]), 10)


def test_a_schedule_that_notes_no_first_rate_is_built():
    assert isinstance(build_schedule(ReduceLROnPlateau, optimizer(), 100), ReduceLROnPlateau)
