"""What holds for networks of images from any library."""

import pytest
import torch
from torch import nn

from datamodules.errors import UserError
from lightning_modules.backbones.image_network import (
    network_tensors,
    one_line,
    scaled_up,
    width,
)


def test_the_width_is_measured_and_the_mode_stays():
    network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.AdaptiveAvgPool2d(1))
    network.append(nn.Flatten())
    assert width(network.train(), "net", (3, 9, 9)) == 5
    assert network.training
    assert network[1].num_batches_tracked == 0
    with pytest.raises(UserError, match=r"'net' does not take images of 2 x 2: .*Kernel size"):
        width(network, "net", (3, 2, 2))
    with pytest.raises(UserError, match=r"an array of \(5, 7, 7\): choose another pooling"):
        width(network[:2], "net", (3, 9, 9))


def test_images_that_are_scaled_up_much_are_told():
    assert scaled_up((8, 8), (224, 224)) == [
        "images of 8 x 8 pixels are scaled up to 224 x 224, as the network was trained; a smaller "
        "size is faster"
    ]
    assert scaled_up((112, 112), (224, 224)) == []


def test_what_is_done_to_images_is_no_weight(tmp_path):
    held = {"network.a": torch.ones(1), "prepare.mean": torch.ones(1)}
    torch.save(held, tmp_path / "net.pth")
    assert list(network_tensors([tmp_path / "net.pth"])) == ["network.a"]


def test_an_error_becomes_the_end_of_a_sentence():
    assert one_line(ValueError("a\n  b.")) == "a b."
    assert len(one_line(ValueError("x" * 900))) == 201
