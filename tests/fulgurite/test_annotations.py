"""What an annotation accepts, in words."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Optional, Union

import pytest
import torch
from lightning.pytorch.loggers import Logger
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from fulgurite.annotations import (
    WantedClass,
    accepts,
    described,
    element,
    literals,
    members,
    wanted_class,
)
from lightning_modules.schedules.factory import Schedule


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "a whole number"),
        (Optional[int], "a whole number or null"),  # noqa: UP045
        (bool | float, "true or false or a number"),
        (Union[float, torch.Tensor], "a number"),  # noqa: UP007
        (Literal["a", "b"] | None, "one of a, b or null"),
        (Literal["a"], "a"),
        (list[str], "a list of text"),
        (tuple[int, ...], "a list of a whole number"),
        (dict[str, int], "keys with values"),
        (Path, "a path"),
        (datetime.timedelta, "a duration such as 00:01:30:00"),
        (nn.Module, "the name of a class such as Module"),
        (Callable[[list[int]], Optimizer], "the name of a class such as Optimizer"),
        (object, "another value"),
    ],
)
def test_in_words(annotation, text):
    assert described(annotation) == text


@pytest.mark.parametrize(
    ("annotation", "value", "accepted"),
    [
        (int, 3, True),
        (int, "3", True),
        (int, "three", False),
        (int | None, None, True),
        (Literal["a"], "b", False),
        (list[int], [1, "x"], False),
        (nn.Module, "torch.nn.Identity", True),
        (nn.Module, {"class_path": "torch.nn.Nothing"}, False),
    ],
)
def test_what_the_parser_takes(annotation, value, accepted):
    before = repr(value)
    assert accepts(annotation, value) is accepted
    assert repr(value) == before


def test_which_class_is_wanted():
    assert wanted_class(nn.Module | None) == WantedClass(nn.Module)
    assert wanted_class(Callable[[int, int], nn.Module]) == WantedClass(nn.Module, first=2)
    given = frozenset({"optimizer", "total_steps"})
    assert wanted_class(Schedule | None) == WantedClass(LRScheduler, given)
    assert wanted_class(Logger | bool | None) == WantedClass(Logger)
    for annotation in (int, str | None, float | torch.Tensor, list[nn.Module], Literal["a"]):
        assert wanted_class(annotation) is None


def test_parts():
    assert members(int | str | None) == (int, str, type(None))
    assert element(list[int] | None) is int
    assert element(Sequence[nn.Module]) is nn.Module
    assert element(int) is None
    assert literals(Literal[1, 2] | Literal["2", "3"] | None) == ["1", "2", "3"]
