"""Images that are all but the same picture."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from datamodules.near_duplicates import images as module
from datamodules.near_duplicates import invariant_codes
from datamodules.near_duplicates.images import near_images

COUNT, PLANTED = 150, 15
PARTS = torch.cat([torch.zeros(COUNT), torch.ones(PLANTED)]).long()
TRUTH = {(row, COUNT + row) for row in range(PLANTED)}


def pictures(side: int = 28, channels: int = 1, details: int = 7) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(COUNT, channels, details, details, generator=generator)
    smooth = F.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 1)
    return (255 * smooth).round().byte()


def altered(images: Tensor) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    padded = F.pad(images.float(), (0, 1, 0, 1), mode="replicate")
    shifted = F.avg_pool2d(padded, 2, 1)  # by half a pixel
    noise = 255 * 0.02 * torch.randn(shifted.shape, generator=generator)
    return (1.05 * shifted + noise).clamp(0, 255).round().byte()


def found(images: Tensor, parts: Tensor | None = None) -> set[tuple[int, int]]:
    pairs = near_images(images, parts)
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


@pytest.mark.parametrize(("side", "channels"), [(28, 1), (64, 3)])
def test_altered_images_are_found_and_no_others(side, channels):
    images = pictures(side, channels)
    assert found(torch.cat([images, altered(images[:PLANTED])]), PARTS) == TRUTH


def test_a_turned_image_is_found():
    images = pictures()
    turn = torch.tensor([[0.9945, -0.1045, 0.05], [0.1045, 0.9945, -0.05]]).expand(PLANTED, 2, 3)
    grid = F.affine_grid(turn, [PLANTED, 1, 28, 28], align_corners=False)
    copies = F.grid_sample(
        images[:PLANTED].float(), grid, padding_mode="border", align_corners=False
    )
    told = found(torch.cat([images, copies.round().byte()]), PARTS)
    assert told <= TRUTH
    assert len(told) >= 0.9 * PLANTED


def test_an_image_moved_without_blur_is_found():
    images = pictures(details=14)
    half = torch.tensor([[1, 0, 1 / 28], [0, 1, -1 / 28]]).expand(PLANTED, 2, 3)
    grid = F.affine_grid(half, [PLANTED, 1, 28, 28], align_corners=False)
    fine = images[:PLANTED].float()
    copies = F.grid_sample(fine, grid, "bicubic", padding_mode="border", align_corners=False)
    copies = copies.clamp(0, 255).round().byte()
    assert found(torch.cat([images, copies]), PARTS) == TRUTH


def test_tiny_images_that_are_all_alike_are_not_told():
    tiny = pictures(side=8, details=4)
    one, other = tiny[:2].float()
    between = one + torch.linspace(0, 1, 60)[:, None, None, None] * (other - one)
    assert len(found(between.round().byte())) < 10
    told = found(torch.cat([tiny, altered(tiny[:PLANTED])]), PARTS)
    assert told <= TRUTH
    assert len(told) > 0.6 * PLANTED


def test_copies_are_not_told_and_parts_are_respected():
    images = pictures()
    assert found(torch.cat([images, images[:PLANTED]]), PARTS) == set()
    same_part = torch.zeros_like(PARTS)
    assert found(torch.cat([images, altered(images[:PLANTED])]), same_part) == set()


def test_the_order_of_rows_changes_nothing(monkeypatch):
    # codes that depend on which images they are learnt from, and little choice
    monkeypatch.setattr(invariant_codes, "SAMPLE", 2)
    monkeypatch.setattr(module, "PARTNERS", 1)
    images = pictures(details=14)
    images = (0.8 * images[:1] + 0.2 * images).round().byte()
    images = torch.cat([images, altered(images)])
    before = found(images)
    moved = torch.randperm(len(images), generator=torch.Generator().manual_seed(3))
    after = {tuple(sorted(moved[list(pair)].tolist())) for pair in found(images[moved])}
    assert after == before


def test_images_of_one_colour_are_passed_over():
    level = torch.arange(100, 150)[:, None, None, None]
    flat = (level + torch.arange(28).div(10).floor()).expand(50, 1, 28, 28).byte()
    assert found(flat) == set()


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_images(count):
    images = pictures()[:count]
    copies = altered(images[:1])
    assert found(torch.cat([images, copies])) <= {(0, count)}
    assert found(images) == set()
