"""The backbone at a rate of its own, and everything else with the head."""

import pytest
from torch import nn

from lightning_modules.parameter_groups.discriminative import Discriminative


class Model(nn.Module):
    """A backbone, a head and a layer beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        self.head = nn.Linear(3, 2)
        self.beside = nn.Linear(3, 1)


def test_the_whole_backbone_is_one_part_frozen_or_not():
    model = Model()
    model.backbone[0].requires_grad_(False)
    (part,) = Discriminative(0.25).of_backbone(model.backbone)
    assert (part.name, part.factor) == ("backbone", 0.25)
    assert [id(p) for p in part.parameters] == [id(p) for p in model.backbone.parameters()]


def test_all_that_is_not_in_the_backbone_has_the_optimizer_s_rate():
    model = Model()
    head, backbone = Discriminative().parts(model)
    assert (head.name, head.factor) == ("head", 1.0)
    own = [*model.head.parameters(), *model.beside.parameters()]
    assert {id(p) for p in head.parameters} == {id(p) for p in own}
    assert backbone.factor == pytest.approx(0.1)
