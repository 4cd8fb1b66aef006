"""Images laid upon one another."""

import math

import pytest
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_filter, shift
from torch import Tensor

from datamodules.near_duplicates.alignment import Alignment, aligned_distances, smoothed

SIDE = 24
FAR, NEAR = 0.05, 0.004


def pictures(count: int = 8) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(count, 1, 5, 5, generator=generator)
    return F.interpolate(coarse, (SIDE, SIDE), mode="bicubic").clamp(0.1, 0.9)[:, 0]


def moved(images: Tensor, angle: float = 0.0, scale: float = 1.0, across: float = 0.0) -> Tensor:
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    motion = torch.tensor([[cosine, -sine, 2 * across / SIDE], [sine, cosine, 0.0]])
    grid = F.affine_grid(motion.expand(len(images), 2, 3), [len(images), 1, SIDE, SIDE], False)
    return F.grid_sample(images[:, None], grid, padding_mode="border", align_corners=False)[:, 0]


def bytes_of(images: Tensor) -> Tensor:
    return (255 * images).round().byte()


def distances(one: Tensor, other: Tensor) -> Tensor:
    rows = torch.arange(len(one))
    return aligned_distances(
        bytes_of(torch.cat([one, other])), torch.stack([rows, len(one) + rows], dim=1)
    )


@pytest.mark.parametrize(
    "motion", [{"across": 1.5}, {"angle": 0.1}, {"scale": 1.04}, {"angle": -0.1, "across": -1.0}]
)
def test_a_motion_is_undone(motion):
    images = pictures()
    assert (distances(images, moved(images, **motion)) < NEAR).all()


def half_a_pixel(images: Tensor, way: str, padding: str = "border") -> Tensor:
    motion = torch.tensor([[1, 0, 1 / SIDE], [0, 1, -1 / SIDE]])
    grid = F.affine_grid(motion.expand(len(images), 2, 3), [len(images), 1, SIDE, SIDE], False)
    moved = F.grid_sample(images[:, None], grid, way, padding_mode=padding, align_corners=False)
    return moved[:, 0]


def sharp_pictures(count: int = 8) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    fine = torch.rand(count, 1, SIDE // 2, SIDE // 2, generator=generator)
    return (2 * F.interpolate(fine, SIDE, mode="bilinear") - 0.5).clamp(0, 1)[:, 0]


@pytest.mark.parametrize("way", ["bilinear", "bicubic"])
@pytest.mark.parametrize("padding", ["border", "zeros"])
def test_either_interpolation_is_undone_and_black_that_was_moved_in_does_not_count(way, padding):
    images = sharp_pictures()
    assert (distances(images, half_a_pixel(images, way, padding).clamp(0, 1)) < NEAR / 2).all()


@pytest.mark.parametrize("gain", [0.95, 1.05])
@pytest.mark.parametrize("white", [1.0, math.inf])
def test_what_overshoots_is_cut_off_before_the_gain_or_with_it(gain, white):
    images = sharp_pictures()
    moved = half_a_pixel(images, "bicubic").clamp(0, white)
    assert (distances(images, (gain * moved).clamp(0, 1)) < NEAR / 2).all()


def test_splines_are_nearly_undone():
    images = sharp_pictures()
    moved = [torch.from_numpy(shift(one.numpy(), (0.5, -0.5))).clamp(0, 1) for one in images]
    assert distances(images, torch.stack(moved)).median() < 2 * NEAR


def test_an_image_whose_slopes_do_not_tell_a_motion_is_near_its_noisy_copy():
    ramp = torch.linspace(-0.2, 0.2, SIDE)
    amounts = torch.tensor([1.2, 2.4])[:, None, None]
    images = 0.5 + amounts * ramp[:, None] * ramp
    noise = 0.02 * torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    assert (distances(images, images + noise) < 2 * NEAR).all()


def test_noise_leaves_as_much_whatever_the_size():
    generator = torch.Generator().manual_seed(0)
    for side in (16, 32):
        noise = 0.02 * torch.randn(400, side, side, generator=generator)
        images = torch.linspace(0.2, 0.8, side).expand_as(noise)
        alignment = Alignment(images + noise, images)
        expected = 0.02 / (2 * math.pi**0.5)
        assert alignment.step(0).square().mean().sqrt() == pytest.approx(expected, rel=0.07)


def test_brightness_and_contrast_are_undone():
    images = pictures()
    assert (distances(images, 0.9 * images + 0.05) < NEAR).all()


def test_what_was_cut_off_does_not_tell_the_gain():
    images = pictures()
    assert distances(images, (1.2 * images).clamp(max=1)).median() < NEAR / 2


def test_other_images_stay_far():
    images = pictures()
    assert (distances(images, images.roll(1, dims=0)) > FAR).all()


def test_a_motion_or_a_gain_that_is_too_large_is_none():
    images = pictures()
    assert (distances(images, 0.5 * images) == math.inf).all()
    assert (distances(images, moved(images, across=11.0)) > FAR).all()


def test_the_distance_is_the_same_both_ways():
    images = bytes_of(pictures())
    pairs = torch.combinations(torch.arange(len(images)))
    assert torch.allclose(
        aligned_distances(images, pairs), aligned_distances(images, pairs.flip(1))
    )


def test_no_pairs():
    assert aligned_distances(bytes_of(pictures()), torch.empty(0, 2).long()).shape == (0,)


def test_the_motion_that_is_found_is_the_one_that_was_made():
    images = pictures()
    alignment = Alignment(images, moved(images, across=1.0))
    alignment.step(10)
    assert torch.allclose(alignment.place.real, torch.full((len(images),), -1.0), atol=0.05)
    assert torch.allclose(alignment.turn, torch.ones_like(alignment.turn), atol=0.01)


@pytest.mark.parametrize("deviation", [0.7, 1.0])
def test_smoothing_equals_scipy(deviation):
    images = torch.rand(3, 9, 14, generator=torch.Generator().manual_seed(0))
    reach = math.ceil(3 * deviation)
    expected = [gaussian_filter(one, deviation, mode="nearest", radius=reach) for one in images]
    assert torch.allclose(smoothed(images, deviation), torch.stack([*map(torch.tensor, expected)]))
