"""Codes of images that stay alike when an image is shifted, turned, scaled, brightened or noisy."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from datamodules.augmentation.affine import sampling_grid

SAMPLE = 4000
"""Images from which the codes are learnt."""
COPIES = 4
"""Altered copies of each."""
SIZE = 64
"""Numbers in a code."""
BLOCK = 4096

ANGLE, SHIFT, SCALE, LIGHT, NOISE = 0.12, 0.06, 0.05, 0.06, 0.02
"""How far copies are altered: radians, share of the side, share, share, standard deviation."""

Describe = Callable[[Tensor], Tensor]


def invariant_codes(images: Tensor, describe: Describe, seed: int = 0) -> Tensor:
    """Return a code of each image, of length 1, in which altered copies lie together.

    Linear discriminant analysis (Fisher 1936; Fukunaga 1990, section 10.2) in which each image is a
    class of its own, with altered copies of it as members: the directions kept are those in which
    images differ most in units of what an alteration does.

    Args:
        images: (N, H, W) uint8.
        describe: (N, H, W) in [0, 1] -> (N, F).
        seed: chooses the images and the alterations.

    Shape:
        (N, H, W) -> (N, D)
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(images), generator=generator)[:SAMPLE]
    sample = images[chosen].float() / 255
    as_they_are = describe(sample)
    centre = as_they_are.mean(dim=0)
    within = as_they_are.new_zeros(len(centre), len(centre))
    for _ in range(COPIES):
        moved = describe(altered(sample, generator)) - as_they_are
        within += moved.T @ moved / (COPIES * len(sample))
    axes = _discriminants((as_they_are - centre), within)
    codes = [(describe(b.float() / 255) - centre) @ axes for b in images.split(BLOCK)]
    return F.normalize(torch.cat(codes))


def altered(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return a copy of each image that is moved, brighter or darker, and noisy: (N, H, W)."""
    count, height, width = images.shape

    def either_way(most: float) -> Tensor:
        return (2 * torch.rand(count, generator=generator) - 1) * most

    grid = sampling_grid(
        angle=either_way(ANGLE),
        shift_x=either_way(SHIFT * width),
        shift_y=either_way(SHIFT * height),
        scale=1 + either_way(SCALE),
        shear=torch.zeros(count),
        size=(height, width),
    )
    moved = F.grid_sample(images[:, None], grid, padding_mode="border", align_corners=False)[:, 0]
    light = 1 + either_way(LIGHT)[:, None, None]
    noise = NOISE * torch.randn(images.shape, generator=generator)
    return (moved * light + noise).clamp(0, 1)


def _discriminants(between: Tensor, within: Tensor) -> Tensor:
    """Return the directions of most variance in units of what is within classes: (F, D)."""
    ridge = 1e-3 * within.diagonal().mean().clamp(min=1e-8)
    root = torch.linalg.cholesky(within + ridge * torch.eye(len(within)))
    whiten = torch.linalg.inv(root)
    spread = whiten @ (between.T @ between / len(between)) @ whiten.T
    axes: Tensor = torch.linalg.eigh(spread).eigenvectors.flip(1)[:, :SIZE]
    discriminants: Tensor = whiten.mT @ axes
    return discriminants
