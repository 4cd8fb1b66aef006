"""Rates over a run: against written-out values, torch's own schedules, and after a resume."""

import io
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.optim import SGD, Adam, Optimizer
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
)

from datamodules.errors import UserError
from lightning_modules.schedules.cosine import WarmupCosine
from lightning_modules.schedules.one_cycle import OneCycle
from lightning_modules.schedules.plateau import WarmupPlateau
from lightning_modules.schedules.step import WarmupStep
from lightning_modules.schedules.warmup import Constant, WarmupSchedule, warmup_steps

ALL: list[type[WarmupSchedule]] = [Constant, WarmupCosine, WarmupStep, WarmupPlateau, OneCycle]
TIMED = "ignore:The run has no number of steps:UserWarning"


def sgd(lr: float = 1.0, momentum: float = 0.0) -> Optimizer:
    return SGD([nn.Parameter(torch.zeros(1))], lr=lr, momentum=momentum)


def advance(schedule: LRScheduler) -> None:
    schedule.optimizer.step()
    schedule.step()


def rates(schedule: LRScheduler, steps: int) -> list[float]:
    seen = []
    for _ in range(steps):
        seen.append(float(schedule.optimizer.param_groups[0]["lr"]))
        advance(schedule)
    return seen


def test_warmup_rises_by_equal_parts_from_above_zero():
    assert rates(Constant(sgd(2.0), 100, warmup=4), 6) == pytest.approx([0.4, 0.8, 1.2, 1.6, 2, 2])


def test_warmup_equals_torchs_linear_rate():
    theirs = LinearLR(sgd(), start_factor=1 / 8, total_iters=7)
    assert rates(Constant(sgd(), 50, warmup=7), 50) == pytest.approx(rates(theirs, 50))


@pytest.mark.parametrize(
    ("warmup", "total", "expected"),
    [
        (0.05, 200, 10),
        (0, 200, 0),
        (1, 200, 1),
        (30, 200, 30),
        (0.5, -1, 5000),
        (0.1, 10**9, 10**4),
    ],
)
def test_warmup_is_a_fraction_or_a_number_of_steps(warmup, total, expected):
    assert warmup_steps(warmup, total) == expected


@pytest.mark.parametrize("warmup", [-0.1, math.nan, math.inf])
def test_a_warmup_that_is_neither_is_told(warmup):
    with pytest.raises(UserError, match=f"warmup is {warmup}"):
        warmup_steps(warmup, 10)


def test_cosine_equals_torchs_after_the_warmup():
    optimizer = sgd()
    warm = LinearLR(optimizer, start_factor=1 / 11, total_iters=10)
    fall = CosineAnnealingLR(optimizer, T_max=90, eta_min=0.2)
    theirs = SequentialLR(optimizer, [warm, fall], milestones=[10])
    ours = WarmupCosine(sgd(), 100, warmup=0.1, floor=0.2)
    assert rates(ours, 100) == pytest.approx(rates(theirs, 100), rel=1e-6)


def test_cosine_stays_on_its_floor_when_a_run_goes_on():
    assert rates(WarmupCosine(sgd(), 10, warmup=0, floor=0.3), 15)[10:] == [0.3] * 5


def test_step_equals_torchs_milestones():
    theirs = MultiStepLR(sgd(), milestones=[50, 75], gamma=0.1)
    ours = WarmupStep(sgd(), 100, warmup=0)
    assert rates(ours, 100) == pytest.approx(rates(theirs, 100))


def test_step_drops_also_within_a_warmup():
    seen = rates(WarmupStep(sgd(), 10, warmup=4, gamma=0.5, milestones=[0.2]), 5)
    assert seen == pytest.approx([0.2, 0.4, 0.3, 0.4, 0.5])


@pytest.mark.parametrize("mode", ["min", "max"])
@given(figures=st.lists(st.integers(1, 6), max_size=25), patience=st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_plateau_equals_torchs_rule(mode, figures, patience):
    ours = WarmupPlateau(sgd(), 100, warmup=0, mode=mode, factor=0.5, patience=patience)
    theirs = ReduceLROnPlateau(sgd(), mode=mode, factor=0.5, patience=patience)
    for figure in figures:
        ours.observe(float(figure))
        advance(ours)
        theirs.step(figure)
        lowered = theirs.optimizer.param_groups[0]["lr"]
        assert ours.get_last_lr()[0] == pytest.approx(lowered, abs=2e-8)


def test_plateau_knows_improvement_below_zero():
    schedule = WarmupPlateau(sgd(), 100, warmup=0, patience=0, threshold=0.1)
    for figure in (-1.0, -0.95, -1.2):
        schedule.observe(figure)
    assert (schedule.best, schedule.height) == (-1.2, 0.1)


def heights(schedule: WarmupPlateau, figures: list[float]) -> list[float]:
    seen = []
    for figure in figures:
        schedule.observe(figure)
        seen.append(schedule.height)
        advance(schedule)
    return seen


def test_plateau_counts_no_bad_figure_in_warmup():
    schedule = WarmupPlateau(sgd(), 100, warmup=2, patience=1)
    assert heights(schedule, [1.0, 2.0, 2.0, 2.0, 2.0]) == [1, 1, 1, 0.1, 0.1]


def test_plateau_takes_nan_for_bad_and_stops_at_its_floor():
    schedule = WarmupPlateau(sgd(), 100, warmup=0, patience=0, floor=0.05)
    nan = math.nan
    assert heights(schedule, [nan, 1.0, 0.5, nan, 0.5]) == [0.1, 0.1, 0.1, 0.05, 0.05]
    assert schedule.best == 0.5


def test_plateau_names_the_loss_unless_told_otherwise():
    assert WarmupPlateau(sgd(), 100).monitor == "val/loss"


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_one_cycle_equals_torchs(kind):
    def build() -> Any:
        return kind([nn.Parameter(torch.zeros(1))], lr=0.5, **options)

    options = {"momentum": 0.9} if kind is SGD else {}
    ours = OneCycle(build(), 100, warmup=29)
    theirs = OneCycleLR(build(), max_lr=0.5, total_steps=100, pct_start=0.3)
    for _ in range(99):
        group, expected = (each.optimizer.param_groups[0] for each in (ours, theirs))
        for name in ("lr", "momentum", "betas"):
            assert group.get(name) == pytest.approx(expected.get(name))
        advance(ours)
        advance(theirs)


def test_one_cycle_gives_no_momentum_to_whom_has_none():
    assert OneCycle(sgd(), 10).optimizer.param_groups[0]["momentum"] == 0
    kept = OneCycle(sgd(momentum=0.9), 10, cycle_momentum=False)
    assert kept.optimizer.param_groups[0]["momentum"] == 0.9


@pytest.mark.filterwarnings(TIMED)
@pytest.mark.parametrize("kind", ALL)
@given(total=st.integers(1, 60), warmup=st.floats(0, 0.999) | st.integers(0, 80))
@settings(max_examples=25, deadline=None)
def test_rates_are_positive_and_never_above_the_optimizers_own(kind, total, warmup):
    seen = rates(kind(sgd(0.3), total, warmup=warmup), total)
    assert all(0 < rate <= 0.3 + 1e-12 for rate in seen)
    # and past the end of the run nothing breaks
    rates(kind(sgd(0.3), total, warmup=warmup), total + 3)


@pytest.mark.parametrize("kind", ALL)
def test_each_group_keeps_its_own_rate(kind):
    groups = [{"params": [nn.Parameter(torch.zeros(1))], "lr": lr} for lr in (1.0, 0.01)]
    schedule = kind(SGD(groups), 20, warmup=0.3)
    for _ in range(20):
        first, second = (group["lr"] for group in schedule.optimizer.param_groups)
        assert first == pytest.approx(100 * second)
        advance(schedule)


@pytest.mark.parametrize("kind", [WarmupCosine, WarmupStep])
def test_a_run_without_length_warns_and_holds_the_rate(kind):
    with pytest.warns(UserWarning, match=f"{kind.__name__} holds the rate after its warm-up"):
        schedule = kind(sgd(), -1, warmup=2)
    assert rates(schedule, 50)[2:] == [1.0] * 48


def test_one_cycle_refuses_a_run_without_length():
    with pytest.raises(UserError, match=r"set trainer\.max_epochs"):
        OneCycle(sgd(), -1)


def test_a_huge_run_leaves_its_warmup():
    schedule = WarmupCosine(sgd(), 10**9)
    values = [schedule.factor(step) for step in range(0, 20_001, 5_000)]
    assert all(a < b for a, b in pairwise(values[:3]))
    assert values[2:] == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("done", [1, 3, 17, 30])
def test_a_resumed_run_has_the_same_rates(kind, done):
    def build() -> tuple[Optimizer, WarmupSchedule]:
        optimizer = Adam([nn.Parameter(torch.zeros(1))], lr=0.1)
        return optimizer, kind(optimizer, 30, warmup=5)

    def run(schedule: WarmupSchedule, start: int, stop: int) -> list[object]:
        seen: list[object] = []
        for step in range(start, stop):
            group = schedule.optimizer.param_groups[0]
            seen.append((group["lr"], group["betas"]))
            advance(schedule)
            if isinstance(schedule, WarmupPlateau) and step % 2:
                schedule.observe(1.0)
        return seen

    whole = run(build()[1], 0, 40)
    optimizer, schedule = build()
    run(schedule, 0, done)
    file = io.BytesIO()
    torch.save([optimizer.state_dict(), schedule.state_dict()], file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    optimizer, schedule = build()
    optimizer.load_state_dict(saved[0])
    schedule.load_state_dict(saved[1])
    assert run(schedule, done, 40) == whole[done:]


@pytest.mark.parametrize("kind", ALL)
def test_state_is_plain(kind):
    def plain(value: object) -> bool:
        if isinstance(value, list):
            return all(map(plain, value))
        return value is None or isinstance(value, bool | int | float | str)

    assert all(map(plain, kind(sgd(), 10).state_dict().values()))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: WarmupCosine(sgd(), 10, floor=2), "floor is 2"),
        (lambda: WarmupStep(sgd(), 10, milestones=[0.5, 30]), "milestones has 30"),
        (lambda: WarmupStep(sgd(), 10, gamma=0), "gamma is 0"),
        (lambda: WarmupPlateau(sgd(), 10, factor=1), "factor is 1"),
        (lambda: WarmupPlateau(sgd(), 10, mode="mix"), "no mode 'mix'"),  # type: ignore[arg-type]
        (lambda: OneCycle(sgd(), 10, div_factor=0), "div_factor"),
    ],
)
def test_mistakes_are_told(build: Callable[[], object], message: str):
    with pytest.raises(UserError, match=message):
        build()
