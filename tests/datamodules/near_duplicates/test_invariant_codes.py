"""Codes in which altered copies of an image lie together."""

import torch
import torch.nn.functional as F
from torch import Tensor

from datamodules.near_duplicates import invariant_codes as module
from datamodules.near_duplicates.invariant_codes import SIZE, altered, invariant_codes


def pictures(count: int = 200, side: int = 16) -> Tensor:
    coarse = torch.rand(count, 1, 5, 5, generator=torch.Generator().manual_seed(0))
    return (255 * F.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 1)[:, 0]).byte()


def as_they_are(images: Tensor) -> Tensor:
    return images.flatten(1)


def test_a_copy_is_nearer_than_any_other_image():
    images = pictures()
    copies = altered(images.float() / 255, torch.Generator().manual_seed(5))
    both = torch.cat([images, (255 * copies).round().byte()])
    codes = invariant_codes(both, as_they_are)
    first = (codes[200:] @ codes[:200].T).argmax(dim=1) == torch.arange(200)
    flat = F.normalize(both.flatten(1).float())
    by_pixels = (flat[200:] @ flat[:200].T).argmax(dim=1) == torch.arange(200)
    assert first.float().mean() > 0.95
    assert first.sum() >= by_pixels.sum()


def test_codes_have_length_one_and_are_short():
    codes = invariant_codes(pictures(), as_they_are)
    assert codes.shape == (200, SIZE)
    assert torch.allclose(codes.norm(dim=1), torch.ones(200))


def test_the_seed_alone_decides(monkeypatch):
    monkeypatch.setattr(module, "SAMPLE", 50)
    images = pictures()
    codes = invariant_codes(images, as_they_are, seed=3)
    torch.manual_seed(9)
    assert torch.equal(codes, invariant_codes(images, as_they_are, seed=3))
    assert not torch.equal(codes, invariant_codes(images, as_they_are, seed=4))


def test_an_altered_copy_is_a_little_other_and_in_range():
    images = pictures().float() / 255
    copies = altered(images, torch.Generator().manual_seed(0))
    assert copies.shape == images.shape
    assert copies.min() >= 0
    assert copies.max() <= 1
    change = (copies - images).abs().mean()
    assert 0.01 < change < 0.1
