"""What an object was built from, told in plain values."""

import io
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest
import torch
from lightning.pytorch.core.mixins.hparams_mixin import HyperparametersMixin
from torch import nn

from datamodules.augmentation.images import RandomShift
from datamodules.hyperparameters import NotPlain, as_config, behind, save_plain_hyperparameters
from datamodules.spec import DataSpec, TargetSpec
from datamodules.splits.stratified import StratifiedSplit
from lightning_modules.losses.focal import FocalLoss


class Holder(HyperparametersMixin):
    """Takes whatever it is given."""

    def __init__(self, first, second=3, **others) -> None:
        import inspect

        super().__init__()
        save_plain_hyperparameters(self, inspect.currentframe())


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        ("text", "text"),
        ((1, [2, "x"]), [1, [2, "x"]]),
        ({"a": (1,)}, {"a": [1]}),
        (Path("data") / "x.csv", "data/x.csv"),
        (nn.ReLU, {"class_path": "torch.nn.modules.activation.ReLU"}),
        (nn.functional.relu, "torch.nn.functional.relu"),
        (
            partial(nn.Linear, bias=False),
            {"class_path": "torch.nn.modules.linear.Linear", "init_args": {"bias": False}},
        ),
        (
            nn.CrossEntropyLoss(label_smoothing=0.1),
            {
                "class_path": "torch.nn.modules.loss.CrossEntropyLoss",
                "init_args": {"label_smoothing": 0.1},
            },
        ),
        (
            StratifiedSplit(val=0.3),
            {
                "class_path": "datamodules.splits.stratified.StratifiedSplit",
                "init_args": {"val": 0.3},
            },
        ),
        (
            [RandomShift(fraction=0.25)],
            [
                {
                    "class_path": "datamodules.augmentation.images.RandomShift",
                    "init_args": {"fraction": 0.25},
                }
            ],
        ),
    ],
)
def test_values_are_told_plainly(value, told):
    assert as_config(value) == told


def test_a_spec_is_told_so_that_it_can_be_built_again():
    spec = DataSpec({"image": [1, 8, 8]}, TargetSpec("binary", ["a", "b"], counts=[1, 2], rows=3))
    told = as_config(spec)
    assert DataSpec.from_config(told).as_config() == spec.as_config()


class NeedsMore(nn.Module):
    def __init__(self, width) -> None:
        super().__init__()


@pytest.mark.parametrize(
    "value",
    [
        lambda x: x,
        [1, lambda x: x],
        partial(lambda x: x, 1),
        partial(torch.add, 1),
        nn.CrossEntropyLoss(weight=torch.ones(2)),
        NeedsMore(3),  # does not keep what it was built from
    ],
)
def test_what_cannot_be_told_is_not_guessed(value):
    with pytest.raises(NotPlain):
        as_config(value)


def test_the_class_behind_a_factory():
    def parser_s_own(kind, *args, **kwargs):
        return kind(*args, **kwargs)

    assert behind(nn.Linear) is nn.Linear
    assert behind(partial(nn.Linear, bias=False)) is nn.Linear
    assert behind(partial(parser_s_own, nn.Linear, bias=False)) is nn.Linear
    assert behind(torch.relu) is torch.relu


def test_hyperparameters_are_read_with_weights_only():
    holder = Holder(FocalLoss(gamma=3.0), second=lambda: 1, third=partial(nn.Linear, bias=False))
    file = io.BytesIO()
    torch.save(dict(holder.hparams), file)
    file.seek(0)
    read = torch.load(file, weights_only=True)
    assert read["first"]["init_args"]["gamma"] == 3.0
    assert "second" not in read
    assert read["third"]["init_args"] == {"bias": False}
    assert read["_class_path"].endswith("test_hyperparameters.Holder")


class Forgetful:
    """Keeps its argument under another name."""

    def __init__(self, size: int = 3) -> None:
        self.kept = size


def test_an_argument_that_an_instance_does_not_keep_is_not_guessed():
    with pytest.raises(NotPlain):
        as_config(Forgetful(4))


class OfFiles(HyperparametersMixin):
    """Holds a part that was filled from a file."""

    def __init__(self, backbone) -> None:
        import inspect

        super().__init__()
        self.backbone = FromFile()
        save_plain_hyperparameters(self, inspect.currentframe())


class FromFile:
    """Says how it is built again."""

    rebuilt_from = MappingProxyType({"weights": "random", "sizes": (1, 2)})


def test_a_part_says_how_it_is_built_again_without_its_files():
    factory = partial(Holder, weights="net.pth", depth=2)
    kept = OfFiles(factory).hparams["backbone"]
    assert kept["init_args"] == {"weights": "random", "depth": 2, "sizes": [1, 2]}
    assert factory.keywords == {"weights": "net.pth", "depth": 2}
