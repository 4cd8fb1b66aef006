"""Rotation, shift, scale and shear of a whole batch of images, in one sampling of the pixels."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from datamodules.augmentation.draws import Draws
from datamodules.augmentation.images import ImageAugmentation


class RandomAffine(ImageAugmentation):
    """Rotate, shift, scale and shear each image about its centre, bilinearly, zeros outside.

    The counterpart of ``torchvision.transforms.v2.RandomAffine``, save that shifts are not rounded
    to whole pixels.

    Args:
        degrees: rotation is uniform in [-degrees, degrees], clockwise.
        translate: shifts are uniform in [-translate, translate], as shares of width and height.
        scale: the least and the largest magnification, uniform between them.
        shear: shear along the x axis is uniform in [-shear, shear] degrees.

    Shape:
        (N, C, H, W) -> (N, C, H, W)
    """

    def __init__(
        self,
        degrees: float = 10.0,
        translate: float = 0.1,
        scale: tuple[float, float] = (0.9, 1.1),
        shear: float = 0.0,
    ) -> None:
        super().__init__()
        self.degrees = self._within("degrees", degrees, 0, 180)
        self.translate = self._within("translate", translate, 0, 1)
        self.scale = self._range("scale", scale, 0, 100)
        self.shear = self._within("shear", shear, 0, 80)

    def forward(self, images: Tensor, draws: Draws) -> Tensor:
        """Return transformed images: (N, C, H, W) -> (N, C, H, W)."""
        height, width = images.shape[2:]
        drawn = draws.uniform(5)
        if not self.degrees and not self.translate and not self.shear and self.scale == (1, 1):
            return images  # sampling would round
        either_way = (2 * drawn - 1).unbind(1)
        least, most = self.scale
        grid = sampling_grid(
            angle=either_way[0] * math.radians(self.degrees),
            shift_x=either_way[1] * (self.translate * width),
            shift_y=either_way[2] * (self.translate * height),
            scale=least + (most - least) * drawn[:, 3],
            shear=either_way[4] * math.radians(self.shear),
            size=(height, width),
        )
        sampled = F.grid_sample(images, grid, align_corners=False)
        return sampled.clamp_(0, 1)  # the four weights may sum to one bit over 1


def sampling_grid(
    angle: Tensor,
    shift_x: Tensor,
    shift_y: Tensor,
    scale: Tensor,
    shear: Tensor,
    size: tuple[int, int],
) -> Tensor:
    """Return where each pixel of the result comes from, for ``grid_sample``.

    A point p of the image, seen from its centre, goes to scale * R(angle) S(shear) p + shift; the
    grid holds the inverse, as ``torchvision.transforms.v2.functional.affine`` has it.

    Args:
        angle: (N,) clockwise, in radians.
        shift_x: (N,) to the right, in pixels.
        shift_y: (N,) down, in pixels.
        scale: (N,) magnification.
        shear: (N,) along the x axis, in radians.
        size: height and width.

    Shape:
        five of (N,) -> (N, H, W, 2), in [-1, 1] inside the image
    """
    height, width = size
    sin, cos, tan = (_per_pixel(value) for value in (angle.sin(), angle.cos(), shear.tan()))
    scale = _per_pixel(scale)
    # Elementwise, not a matrix product, whose last bit may depend on N.
    x = torch.arange(width, device=angle.device) - (width - 1) / 2 - _per_pixel(shift_x)
    y = torch.arange(height, device=angle.device) - (height - 1) / 2 - _per_pixel(shift_y)
    y = y.mT  # x is (N, 1, W), y is (N, H, 1)
    from_x = ((cos - sin * tan) * x + (cos * tan + sin) * y) / scale
    from_y = (cos * y - sin * x) / scale
    return torch.stack([from_x / (width / 2), from_y / (height / 2)], dim=-1)


def _per_pixel(values: Tensor) -> Tensor:
    return values[:, None, None]
