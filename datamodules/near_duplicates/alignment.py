"""How unlike two images are once the one is laid upon the other as well as can be."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

SMOOTH = 0.7
"""Standard deviation, in pixels, by which images are smoothed before their slopes are taken."""
COARSE = 1.0
"""That by which what is left is smoothed: noise goes, and what differs stays."""
STEPS = 4, 10
"""Gauss-Newton steps for every pair, and further ones for pairs that are near by then."""
HOPEFUL = 0.04
"""Distance after the first steps beyond which a pair is given up."""
MARGIN = 2
"""Pixels at the edge that do not count: what was moved in there from outside is not known."""
FURTHEST = 0.3
"""Largest change of scale and turn, and of place as a share of the side."""
GAIN = 1.4
"""Largest factor of brightness."""
CUT_OFF = 0.99
"""Brightness at which a pixel counts as cut off."""
WAYS = "bilinear", "bicubic"
"""How an image may have been interpolated when it was moved: the one blurs, the other does not."""
BLOCK = 1024


def aligned_distances(images: Tensor, pairs: Tensor) -> Tensor:
    """Return how unlike the images of each pair are, both ways laid upon each other, the lesser.

    The one is shifted, turned, scaled and brightened until its squared difference from the other is
    least, by the inverse compositional algorithm (Baker and Matthews 2004, section 3.2, with the
    gain and bias of section 5 of part 3). The distance is the root mean square of what is left,
    smoothed, so that noise hardly counts.

    Args:
        images: (N, H, W) uint8.
        pairs: (P, 2) row numbers.

    Returns:
        (P,) in units of the brightest pixel; infinite where no small motion brings them together.
    """
    distances = torch.full((len(pairs),), math.inf)
    for places in torch.arange(len(pairs)).split(BLOCK):
        one, other = (images[rows].float() / 255 for rows in pairs[places].unbind(1))
        distances[places] = _distances(one, other)
    return distances


def _distances(one: Tensor, other: Tensor) -> Tensor:
    towards, back = Alignment(one, other), Alignment(other, one)
    distances = torch.minimum(towards.step(STEPS[0]), back.step(STEPS[0]))
    near = (distances < HOPEFUL).nonzero()[:, 0]
    further = [way.take(near).step(STEPS[1], WAYS) for way in (towards, back)]
    distances[near] = torch.minimum(distances[near], torch.minimum(*further))
    return distances


class Alignment:
    """Lay some images upon others, pair by pair.

    A motion is a pair of complex numbers, z -> turn * z + place, with z = x + iy counted in pixels
    from the centre: to put one motion after another is to multiply.

    Args:
        still: (P, H, W) in [0, 1].
        moving: (P, H, W) in [0, 1].
    """

    def __init__(self, still: Tensor, moving: Tensor) -> None:
        self.still, self.moving = still, moving
        count, height, width = still.shape
        x = torch.arange(width) - (width - 1) / 2
        y = torch.arange(height) - (height - 1) / 2
        self.points = torch.complex(x.expand(height, width), y[:, None].expand(height, width))
        self.turn = torch.ones(count, dtype=torch.complex64)
        self.place = torch.zeros(count, dtype=torch.complex64)

    def take(self, pairs: Tensor) -> "Alignment":
        """Return the alignment of some of the pairs, as far as it is."""
        taken = Alignment(self.still[pairs], self.moving[pairs])
        taken.turn, taken.place = self.turn[pairs], self.place[pairs]
        return taken

    def step(self, steps: int, ways: tuple[str, ...] = WAYS[:1]) -> Tensor:
        """Go some steps nearer, and return the distances, the least of all ways: (P,)."""
        still, moving = smoothed(self.still, SMOOTH), smoothed(self.moving, SMOOTH)
        slopes = _slopes(still, self.points)  # (P, H * W, 6)
        transposed = slopes.mT
        solved = torch.linalg.inv(transposed @ slopes + 1e-4 * torch.eye(6)) @ transposed
        for _ in range(steps):
            left = (self._moved(moving) - still).flatten(1)
            change = (solved @ left[:, :, None])[:, :4, 0]
            turn = torch.complex(1 + change[:, 0], change[:, 1])
            place = torch.complex(change[:, 2], change[:, 3])
            self.place = self.place - self.turn * place / turn
            self.turn = self.turn / turn
        return torch.stack([self._distance(way) for way in ways]).amin(dim=0)

    def _moved(self, images: Tensor, way: str = "bilinear") -> Tensor:
        """Return images as the motions bring them upon the others: (P, H, W)."""
        height, width = images.shape[1:]
        points = self.turn[:, None, None] * self.points + self.place[:, None, None]
        grid = torch.stack([points.real / (width / 2), points.imag / (height / 2)], dim=-1)
        moved = F.grid_sample(
            images[:, None], grid, mode=way, padding_mode="border", align_corners=False
        )
        return moved[:, 0]

    def _distance(self, way: str) -> Tensor:
        moved, still = self._moved(self.moving, way), self.still
        # what is brighter than the brightest was cut off, and does not tell the gain
        open_ = (still < CUT_OFF).float()
        count = open_.sum(dim=(1, 2), keepdim=True).clamp(min=1)
        moved = moved - (open_ * moved).sum(dim=(1, 2), keepdim=True) / count
        bias = (open_ * still).sum(dim=(1, 2), keepdim=True) / count
        shared = (open_ * moved * (still - bias)).sum(dim=(1, 2))
        gain = shared / (open_ * moved.square()).sum(dim=(1, 2)).clamp(min=1e-8)
        predicted = (gain[:, None, None] * moved + bias).clamp(0, 1)
        left = smoothed(still - predicted, COARSE)
        inner = left[:, MARGIN:-MARGIN, MARGIN:-MARGIN] if left.shape[1] > 4 * MARGIN else left
        distance = inner.square().mean(dim=(1, 2)).sqrt()
        side = max(self.still.shape[1:])
        strayed = ((self.turn - 1).abs() > FURTHEST) | (self.place.abs() > FURTHEST * side)
        changed = (gain > GAIN) | (gain < 1 / GAIN)
        return distance.masked_fill(strayed | changed | distance.isnan(), math.inf)


def smoothed(images: Tensor, deviation: float) -> Tensor:
    """Return images under a Gaussian of so many pixels: (N, H, W) -> (N, H, W)."""
    # a convolution of one channel takes ten times as long as two products of matrices
    down, across = (_gaussian(side, deviation) for side in images.shape[1:])
    return down @ (images @ across.T)


def _gaussian(side: int, deviation: float) -> Tensor:
    """Return the weights of pixels in each smoothed one, the edges repeated: (side, side)."""
    reach = math.ceil(3 * deviation)
    weights = torch.exp(-(torch.arange(-reach, reach + 1.0) ** 2) / (2 * deviation**2))
    places = torch.arange(side)[:, None] + torch.arange(-reach, reach + 1)
    matrix = torch.zeros(side, side)
    return matrix.scatter_add_(
        1, places.clamp(0, side - 1), (weights / weights.sum()).expand(side, -1)
    )


def _slopes(images: Tensor, points: Tensor) -> Tensor:
    """Return how pixels change with turn, place, gain and bias: (P, H, W) -> (P, H * W, 6)."""
    down, across = torch.gradient(images, dim=(1, 2))
    x, y = points.real, points.imag
    parts = [across * x + down * y, down * x - across * y, across, down]
    return torch.stack([*parts, images, torch.ones_like(images)], dim=-1).flatten(1, 2)
