"""Colours against torchvision, and the mean that no batch can round differently."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as reference

from datamodules.augmentation.color import RandomColor, mean_grey
from datamodules.augmentation.draws import Draws
from datamodules.errors import UserError


@pytest.mark.parametrize("factor", [0.0, 0.3, 1.0, 1.7])
@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation"])
def test_as_torchvision(images: Tensor, name: str, factor: float, fixed: Callable[..., Draws]):
    hyperparameters = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, name: 1.0}
    given = RandomColor(**hyperparameters)(images, fixed(*3 * [factor / 2]))
    expected = getattr(reference, f"adjust_{name}")(images, factor)
    torch.testing.assert_close(given, expected, atol=1e-5, rtol=0)


def test_order_and_limits(fixed: Callable[..., Draws]):
    images = torch.rand(1, 3, 12, 12)
    given = RandomColor(0.5, 0.4, 0.2)(images, fixed(0.9, 0.1, 0.0))
    expected = reference.adjust_brightness(images, 1.4)
    expected = reference.adjust_contrast(expected, 0.68)
    expected = reference.adjust_saturation(expected, 0.8)
    torch.testing.assert_close(given, expected, atol=1e-5, rtol=0)


def test_factor_one_gives_the_very_input(images: Tensor, fixed: Callable[..., Draws]):
    assert torch.equal(RandomColor(1, 1, 1)(images, fixed(0.5, 0.5, 0.5)), images)


def test_mean_is_exact_and_alike_on_any_number_of_threads():
    images = torch.rand(3, 3, 250, 250)
    weights = torch.tensor([0.2989, 0.587, 0.114], dtype=torch.float64).view(3, 1, 1)
    exact = (images.double() * weights).sum(1).mean((1, 2))
    together = mean_grey(images)
    torch.testing.assert_close(together.flatten().double(), exact, atol=1e-6, rtol=0)
    torch.set_num_threads(2)
    for row in range(3):
        assert torch.equal(mean_grey(images[row : row + 1]), together[row : row + 1])


def test_transparency_stays(fixed: Callable[..., Draws]):
    images = torch.rand(1, 3, 12, 12)
    alpha = torch.rand_like(images[:, :1])
    draws = fixed(0.9, 0.1, 0.0)
    given = RandomColor(0.5, 0.4, 0.2)(torch.cat([images, alpha], dim=1), draws)
    assert torch.equal(given[:, 3:], alpha)
    assert torch.equal(given[:, :3], RandomColor(0.5, 0.4, 0.2)(images, draws))


def test_other_channels_are_told():
    with pytest.raises(UserError, match="RandomColor changes images of 1, 3 or 4 channels"):
        RandomColor()(torch.rand(2, 5, 8, 8), Draws(torch.arange(2), 0, 0))
