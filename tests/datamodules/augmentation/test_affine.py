"""Affine maps against torchvision, and by hand."""

import math
from collections.abc import Callable

import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as reference

from datamodules.augmentation.affine import RandomAffine
from datamodules.augmentation.draws import Draws


@pytest.mark.parametrize("size", [(28, 28), (17, 31)])
@pytest.mark.parametrize(
    ("degrees", "right", "down", "scale", "shear"),
    [
        (30, 0, 0, 1, 0),
        (0, 3, -2, 1, 0),
        (0, 0, 0, 1.5, 0),
        (0, 0, 0, 0.7, 0),
        (0, 0, 0, 1, 15),
        (-25, 2, 4, 0.8, -12),
        (140, -3, 1, 1.2, 30),
    ],
)
def test_as_torchvision(
    size: tuple[int, int],
    degrees: float,
    right: int,
    down: int,
    scale: float,
    shear: float,
    fixed: Callable[..., Draws],
):
    height, width = size
    image = torch.rand(1, 3, height, width)
    expected = reference.affine(
        image, degrees, [right, down], scale, [shear, 0], InterpolationMode.BILINEAR
    )
    # the share of the limits that draws the wanted numbers
    draws = fixed(
        (degrees / 180 + 1) / 2,
        (right / (0.5 * width) + 1) / 2,
        (down / (0.5 * height) + 1) / 2,
        (scale - 0.5) / 1.5,
        (shear / 40 + 1) / 2,
    )
    given = RandomAffine(180, 0.5, (0.5, 2), 40)(image, draws)
    torch.testing.assert_close(given, expected, atol=1e-3, rtol=0)


def test_quarter_turn_is_rot90(fixed: Callable[..., Draws]):
    image = torch.rand(1, 1, 9, 9)
    turned = RandomAffine(90, 0, (1, 1))(image, fixed(1.0, 0.0, 0.0, 0.0, 0.0))
    torch.testing.assert_close(turned, image.rot90(-1, (2, 3)), atol=1e-5, rtol=0)  # clockwise


@pytest.mark.parametrize("seed", range(3))
def test_limits_hold_and_are_reached(seed: int):
    dot = torch.zeros(2000, 1, 41, 41)
    dot[:, :, 20, 30] = 1  # 10 right of the centre
    rows = torch.arange(2000)
    moved = RandomAffine(60, 0, (0.8, 1.2))(dot, Draws(rows, seed, 0))[:, 0]
    weight = moved.sum((1, 2))
    x = (moved.sum(1) @ torch.arange(-20.0, 21)) / weight
    y = (moved.sum(2) @ torch.arange(-20.0, 21)) / weight
    angle, length = torch.atan2(y, x) * 180 / math.pi, torch.hypot(x, y)
    assert -63 < angle.min() < -56
    assert 56 < angle.max() < 63
    assert angle.mean().abs() < 3
    assert 7.5 < length.min() < 8.4
    assert 11.6 < length.max() < 12.5
    assert abs(length.mean() - 10) < 0.15
