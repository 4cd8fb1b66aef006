"""A library's network named as a backbone: which of ours takes it."""

import pytest

from datamodules.errors import UserError
from fulgurite.arguments import read_arguments
from fulgurite.foreign_networks import refuse_foreign_networks


@pytest.mark.parametrize(
    ("name", "backbone"),
    [
        ("timm.create_model", "TimmBackbone"),
        ("torchvision.models.resnet18", "TorchvisionBackbone"),
    ],
)
def test_the_backbone_that_takes_it_is_named(name, backbone):
    for words in ([f"--model.backbone={name}"], [f"--model.backbone.class_path={name}"]):
        with pytest.raises(UserError, match=f"^--model.backbone.*say --model.backbone {backbone}"):
            refuse_foreign_networks(read_arguments(["--model", "Classification", *words]))


def test_others_are_left_alone():
    for words in ([], ["--model.backbone=ConvNet"], ["--model.backbone=own_timm.Net"]):
        refuse_foreign_networks(read_arguments(["--model", "Classification", *words]))
