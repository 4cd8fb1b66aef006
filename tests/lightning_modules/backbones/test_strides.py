"""The shrinking of images."""

import math

import pytest
import torch

from lightning_modules.backbones.strides import image_strides, strided_convolution


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [
        (8, 8, [(1, 1), (2, 2), (1, 1)]),
        (28, 28, [(1, 1), (2, 2), (2, 2)]),
        (64, 64, [(1, 1), (2, 2), (2, 2)]),
        (224, 224, [(4, 4), (2, 2), (2, 2)]),
        (4, 100, [(1, 4), (1, 2), (1, 2)]),
        (1, 1, [(1, 1), (1, 1), (1, 1)]),
    ],
)
def test_small_images_shrink_late_and_large_ones_at_once(height, width, expected):
    assert image_strides(height, width, 3) == expected


@pytest.mark.parametrize("side", range(1, 300, 13))
def test_however_deep_three_or_four_pixels_remain(side):
    left = side
    for step, _ in image_strides(side, side, 8):
        left = math.ceil(left / step)
    assert min(side, 3) <= left <= 4


@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (4, 4), (1, 4)])
def test_a_convolution_sees_every_pixel_and_rounds_up(stride):
    image = torch.ones(1, 1, 17, 18, requires_grad=True)
    convolution = strided_convolution(1, 1, stride)
    convolution.weight.data.fill_(1.0)
    shrunk = convolution(image)
    assert shrunk.shape[-2:] == (math.ceil(17 / stride[0]), math.ceil(18 / stride[1]))
    shrunk.sum().backward()
    assert image.grad is not None
    assert image.grad.min() > 0
