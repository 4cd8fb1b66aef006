"""How unlike two images are once the one is laid upon the other as well as can be."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

SMOOTH = 0.7
"""Standard deviation, in pixels, by which images are smoothed before their slopes are taken."""
COARSE = 1.0
"""That by which what is left is smoothed: noise goes, and what differs stays."""
STEPS = 4, 4, 6
"""Gauss-Newton steps for every pair, further ones for those near by then, and last ones."""
HOPEFUL = 0.04, 0.02
"""Distances after the first and the further steps beyond which a pair is given up."""
MARGIN = 2
"""Pixels at the edge that do not count: what was moved in there from outside is not known."""
FURTHEST = 0.3
"""Largest change of scale and turn, and of place as a share of the side."""
GAIN = 1.4
"""Largest factor of brightness."""
CUT_OFF = 0.99
"""Brightness at which a pixel counts as cut off."""
WAYS = "bilinear", "bicubic"
"""How an image may have been interpolated when it was moved: the one blurs, the other sharpens."""
BLOCK = 1024


def aligned_distances(images: Tensor, pairs: Tensor) -> Tensor:
    """Return how unlike the images of each pair are, both ways laid upon each other, the lesser.

    The one is shifted, turned, scaled and brightened until its squared difference from the other is
    least, by the inverse compositional algorithm (Baker and Matthews 2004, section 3.2, with the
    gain and bias of section 5 of part 3). The distance is the root mean square of what is left,
    smoothed, so that noise hardly counts, for the better of two interpolations.

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
    first, further, last = STEPS
    as_they_are = torch.minimum(towards.step(0), back.step(0))
    distances = torch.stack([as_they_are, towards.step(first), back.step(first)]).amin(dim=0)
    near = (distances < HOPEFUL[0]).nonzero()[:, 0]
    towards, back = towards.take(near), back.take(near)
    ends = [distances[near], towards.step(further), back.step(further)]
    distances[near] = torch.stack(ends).amin(dim=0)
    close = (distances[near] < HOPEFUL[1]).nonzero()[:, 0]
    # each way has a best motion of its own: that of another leaves more than noise does
    ends = [start.take(close).settle(last, way) for start in (towards, back) for way in WAYS]
    distances[near[close]] = torch.stack([distances[near[close]], *ends]).amin(dim=0)
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

    def step(self, steps: int) -> Tensor:
        """Go some steps nearer, whatever the interpolation, and return the distances: (P,)."""
        smooth = smoothed(self.moving, SMOOTH)
        self._step(steps, lambda: self._moved(smooth))
        return self._distance()

    def settle(self, steps: int, way: str) -> Tensor:
        """Go the last steps, as if interpolated in one way, and return the distances: (P,)."""
        self._step(steps, lambda: smoothed(self._moved(self.moving, way), SMOOTH))
        return self._distance(way)

    def _step(self, steps: int, smooth_and_moved: Callable[[], Tensor]) -> None:
        still = smoothed(self.still, SMOOTH)
        slopes = _inner(_slopes(still, self.points)).flatten(2).mT  # (P, h * w, 6)
        transposed = slopes.mT
        solved = torch.linalg.inv(transposed @ slopes + 1e-4 * torch.eye(6)) @ transposed
        for _ in range(steps):
            left = _inner(smooth_and_moved() - still).flatten(1)
            change = (solved @ left[:, :, None])[:, :4, 0]
            turn = torch.complex(1 + change[:, 0], change[:, 1])
            place = torch.complex(change[:, 2], change[:, 3])
            self.place = self.place - self.turn * place / turn
            self.turn = self.turn / turn

    def _moved(self, images: Tensor, way: str = WAYS[0]) -> Tensor:
        """Return what the motions bring upon the others: (P, H, W)."""
        height, width = images.shape[1:]
        points = self.turn[:, None, None] * self.points + self.place[:, None, None]
        grid = torch.stack([points.real / (width / 2), points.imag / (height / 2)], dim=-1)
        moved = F.grid_sample(
            images[:, None], grid, mode=way, padding_mode="border", align_corners=False
        )
        return moved[:, 0].clamp(min=0)  # what undershoots black was cut off, whatever the gain

    def _distance(self, way: str = WAYS[0]) -> Tensor:
        moved = self._moved(self.moving, way)
        if way == "bilinear":
            return self._left(moved)
        # what overshoots white was cut off before the gain, or with it
        return torch.minimum(self._left(moved), self._left(moved.clamp(max=1)))

    def _left(self, moved: Tensor) -> Tensor:
        # the edge goes before anything is smoothed: black that was moved in would spread
        moved, still = _inner(moved), _inner(self.still)
        # what is brighter than the brightest was cut off, and does not tell the gain
        open_ = (still < CUT_OFF).float()
        count = open_.sum(dim=(1, 2), keepdim=True).clamp(min=1)
        moved = moved - (open_ * moved).sum(dim=(1, 2), keepdim=True) / count
        bias = (open_ * still).sum(dim=(1, 2), keepdim=True) / count
        shared = (open_ * moved * (still - bias)).sum(dim=(1, 2))
        gain = shared / (open_ * moved.square()).sum(dim=(1, 2)).clamp(min=1e-8)
        predicted = (gain[:, None, None] * moved + bias).clamp(0, 1)
        left = smoothed(still - predicted, COARSE).square().mean(dim=(1, 2)).sqrt()
        distance = left / _passed(still.shape[1:], COARSE)
        side = max(self.still.shape[1:])
        strayed = ((self.turn - 1).abs() > FURTHEST) | (self.place.abs() > FURTHEST * side)
        changed = (gain > GAIN) | (gain < 1 / GAIN)
        return distance.masked_fill(strayed | changed | distance.isnan(), math.inf)


def _passed(size: torch.Size, deviation: float) -> float:
    """Return how much noise smoothing leaves, beside what it leaves far from any edge."""
    down, across = (_gaussian(side, deviation).square().sum(dim=1).mean() for side in size)
    far: float = 1 / (2 * math.pi**0.5 * deviation)
    return math.sqrt(float(down) * float(across)) / far


def _inner(images: Tensor) -> Tensor:
    """Return images without their edge, if they are not tiny: (..., H, W) -> (..., h, w)."""
    tiny = min(images.shape[-2:]) <= 4 * MARGIN
    return images if tiny else images[..., MARGIN:-MARGIN, MARGIN:-MARGIN]


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
    """Return how pixels change with turn, place, gain and bias: (P, H, W) -> (P, 6, H, W)."""
    down, across = torch.gradient(images, dim=(1, 2))
    x, y = points.real, points.imag
    parts = [across * x + down * y, down * x - across * y, across, down]
    return torch.stack([*parts, images, torch.ones_like(images)], dim=1)
