"""Images that are all but the same picture."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from datamodules.edges import edge_strengths
from datamodules.near_duplicates.alignment import COARSE, SMOOTH, aligned_distances, smoothed
from datamodules.near_duplicates.invariant_codes import NOISE, invariant_codes
from datamodules.near_duplicates.nearest import nearest
from datamodules.near_duplicates.pairs import Pairs, nearest_of_each, outstanding

SIDE = 32
"""Pixels to which the longer side of a larger image is brought."""
DIRECTIONS, CELL, STRIDE = 8, 7, 3
PARTNERS = 8
"""Images that an image is laid upon."""
LEAST = 0.6
"""Cosine of codes below which two images are not compared."""
LEFT_OF_NOISE = NOISE / (2 * torch.pi**0.5 * COARSE)
"""Distance that noise of 0.02 alone makes: what smoothing leaves of it."""
FARTHEST = 1.2 * LEFT_OF_NOISE
"""Distance of near-duplicates."""
TINY = 16
"""Pixels of the shorter side below which a shift by half a pixel changes an image a lot."""
TINY_FARTHEST, TINY_RATIO = 1.5 * LEFT_OF_NOISE, 0.65
"""What holds for them: a larger distance, if it is so small a share of that of the next partner."""
FLAT = 0.01
"""Standard deviation of the pixels below which an image shows nothing."""
BLOCK = 2048


def near_images(images: Tensor, parts: Tensor | None = None, seed: int = 0) -> Pairs:
    """Find pairs of images that differ by a small motion, brightness and noise alone.

    Candidates are neighbours by codes that are learnt to be blind to such changes; of each pair the
    one image is then laid upon the other. Images of one colour are passed over, and copies that are
    equal in each pixel are not told here.

    Args:
        images: (N, C, H, W) uint8.
        parts: (N,) the part of each image, where only pairs of two parts are wanted.
        seed: for the codes.
    """
    if not len(images):
        return Pairs.none()
    grey = small(images)
    shown = _showing(grey)
    if len(shown) < 2:
        return Pairs.none()
    grey, among = grey[shown], None if parts is None else parts[shown]
    tiny = min(grey.shape[1:]) < TINY
    codes = invariant_codes(grey, _pixels_and_edges if tiny else _edges, seed)
    partners, least = (4 * PARTNERS, LEAST - 0.2) if tiny else (PARTNERS, LEAST)
    candidates = nearest(codes, among, partners, least)
    distance = aligned_distances(grey, candidates).double().numpy()
    ends, asked = shown[candidates].numpy(), None if parts is None else parts.numpy()
    near = distance < (TINY_FARTHEST if tiny else FARTHEST)
    if tiny:
        near &= outstanding(ends, distance, asked, TINY_RATIO)
    ends, distance = ends[near], distance[near]
    other = _differing(images, torch.from_numpy(ends)).numpy()
    ends, distance = ends[other], distance[other]
    best = nearest_of_each(ends, distance, asked)
    return Pairs.of(ends[best], distance[best])


def _showing(grey: Tensor) -> Tensor:
    """Return the images that are not of one colour: (N, H, W) -> (M,).

    They stand in the order of their pixels, so that what is found does not depend on that of rows.
    """
    flat = grey.flatten(1)
    pixels = np.ascontiguousarray(flat.numpy()).view(np.dtype((np.void, flat.shape[1])))[:, 0]
    order = torch.from_numpy(np.argsort(pixels, kind="stable"))
    deviation = torch.cat([block.float().std(dim=1, correction=0) for block in flat.split(BLOCK)])
    return order[deviation[order] > 255 * FLAT]


def _differing(images: Tensor, pairs: Tensor) -> Tensor:
    """Return which pairs are no copies, pixel by pixel: (N, C, H, W), (P, 2) -> (P,)."""
    both = ((images[block[:, 0]], images[block[:, 1]]) for block in pairs.split(BLOCK))
    return torch.cat([(one != other).flatten(1).any(dim=1) for one, other in both])


def small(images: Tensor) -> Tensor:
    """Return grey images of at most 32 pixels a side: (N, C, H, W) uint8 -> (N, h, w) uint8."""
    height, width = images.shape[2:]
    share = min(1.0, SIDE / max(height, width))
    size = max(1, round(height * share)), max(1, round(width * share))
    blocks = []
    for block in images.split(BLOCK):
        grey = block.float().mean(dim=1, keepdim=True)
        grey = grey if share == 1 else F.interpolate(grey, size, mode="area")
        blocks.append(grey[:, 0].round().byte())
    return torch.cat(blocks)


def _pixels_and_edges(images: Tensor) -> Tensor:
    """Return smoothed pixels, and the edges in cells of three pixels: (N, H, W) -> (N, F)."""
    smooth = smoothed(images, SMOOTH)
    strengths = edge_strengths(smooth, DIRECTIONS, signed=True)
    cells = F.avg_pool2d(strengths, 3, 2, padding=1).flatten(1)
    return torch.cat([smooth.flatten(1), F.normalize(cells, p=1, dim=1).sqrt()], dim=1)


def _edges(images: Tensor) -> Tensor:
    """Return the edges of each direction in overlapping cells: (N, H, W) -> (N, F).

    Roots of a histogram that sums to one, as of RootSIFT (Arandjelovic and Zisserman 2012).
    """
    strengths = edge_strengths(smoothed(images, SMOOTH), DIRECTIONS, signed=True)
    cells = F.avg_pool2d(strengths, CELL, STRIDE, padding=CELL // 2).flatten(1)
    return F.normalize(cells, p=1, dim=1).sqrt()
