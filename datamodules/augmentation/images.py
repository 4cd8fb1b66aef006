"""Random changes to a whole batch of images at once: the base, shifts, flips and erasing."""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from datamodules.augmentation.augmentation import InputAugmentation
from datamodules.augmentation.draws import Draws
from datamodules.errors import unknown


class ImageAugmentation(InputAugmentation):
    """A random change to each image of a batch.

    What a subclass computes for a row must not depend on the batch around it, to the last bit:
    elementwise arithmetic does not, sums of floats over pixels may. Images are float32 in [0, 1],
    before and after.

    Shape:
        (N, C, H, W) -> (N, C, H, W)
    """

    kind = "images, floats of shape (N, C, H, W)"

    @staticmethod
    def takes(name: str, values: Tensor) -> bool:
        """Tell whether an input is of images."""
        return is_image(values)


def is_image(values: Tensor) -> bool:
    """Tell whether an input is of images."""
    return values.ndim == 4 and values.is_floating_point()


class RandomShift(ImageAugmentation):
    """Shift each image by whole pixels, up to a share of its sides in each direction.

    The counterpart of ``torchvision.transforms.v2.RandomCrop(size, padding)``; the limit is a share
    and not a number of pixels, so that it holds when the data are swapped. The default is 4 pixels
    of 28 or 32, as He et al. 2016 (arXiv:1512.03385, section 4.2) pad CIFAR-10.

    Args:
        fraction: of a side, rounded to whole pixels; each shift within it is equally likely.
        padding: what comes in from outside: ``"zero"``, or ``"edge"``, the outermost pixels again.

    Shape:
        (N, C, H, W) -> (N, C, H, W)
    """

    def __init__(self, fraction: float = 0.125, padding: Literal["zero", "edge"] = "zero") -> None:
        super().__init__()
        self.fraction = self._within("fraction", fraction, 0, 1)
        if padding not in ("zero", "edge"):
            raise unknown("padding", padding, ("zero", "edge"))
        self.padding = padding

    def forward(self, images: Tensor, draws: Draws) -> Tensor:
        """Return shifted images: (N, C, H, W) -> (N, C, H, W)."""
        n, channels, height, width = images.shape
        drawn = draws.uniform(2)
        most_y, most_x = round(self.fraction * height), round(self.fraction * width)
        if not n or (not most_y and not most_x):
            return images
        mode = "constant" if self.padding == "zero" else "replicate"
        padded = F.pad(images, (most_x, most_x, most_y, most_y), mode)  # (N, C, Y, X)
        top = (drawn[:, 0] * (2 * most_y + 1)).long()  # 0 shifts down most
        left = (drawn[:, 1] * (2 * most_x + 1)).long()
        # Each row of an output image is one window of the flat pixels. For 28 and 32 pixels this
        # was 2 times as fast as `grid_sample` on the CPU, and exact; for 224, half as fast.
        windows = padded.flatten().unfold(0, width, 1)
        row = torch.arange(n * channels, device=images.device).view(n, channels, 1)
        row = row * padded.shape[2] + top.view(n, 1, 1)
        row = row + torch.arange(height, device=images.device)  # (N, C, H)
        start = row * padded.shape[3] + left.view(n, 1, 1)
        return windows.index_select(0, start.flatten()).view(images.shape)


class RandomFlip(ImageAugmentation):
    """Mirror each image, left to right, upside down, or both.

    The counterpart of ``torchvision.transforms.v2.RandomHorizontalFlip`` and
    ``RandomVerticalFlip``.

    Args:
        horizontal: probability that left and right change places.
        vertical: probability that top and bottom change places.

    Shape:
        (N, C, H, W) -> (N, C, H, W)
    """

    def __init__(self, horizontal: float = 0.5, vertical: float = 0.0) -> None:
        super().__init__()
        self.horizontal = self._within("horizontal", horizontal, 0, 1)
        self.vertical = self._within("vertical", vertical, 0, 1)

    def forward(self, images: Tensor, draws: Draws) -> Tensor:
        """Return mirrored images: (N, C, H, W) -> (N, C, H, W)."""
        drawn = draws.uniform(2)
        for column, (probability, side) in enumerate(((self.horizontal, 3), (self.vertical, 2))):
            if probability:
                chosen = (drawn[:, column] < probability).view(-1, 1, 1, 1)
                images = torch.where(chosen, images.flip(side), images)
        return images


class RandomErasing(ImageAugmentation):
    """Blank out a rectangle in some of the images.

    Zhong et al. 2020, "Random Erasing Data Augmentation" (arXiv:1708.04896, algorithm 1); the
    counterpart of ``torchvision.transforms.v2.RandomErasing``. A rectangle that would not fit is
    cut to the image instead of drawn again.

    Args:
        p: probability that an image loses a rectangle.
        area: the least and the largest share of the image that is lost.
        aspect: how many times as long as the other a side may be; height / width is log-uniform
            between 1 / aspect and aspect.
        value: what the rectangle is filled with.

    Shape:
        (N, C, H, W) -> (N, C, H, W)
    """

    def __init__(
        self,
        p: float = 0.5,
        area: tuple[float, float] = (0.02, 0.33),
        aspect: float = 3.3,
        value: float = 0.0,
    ) -> None:
        super().__init__()
        self.p = self._within("p", p, 0, 1)
        self.area = self._range("area", area, 0, 1)
        self.aspect = self._within("aspect", aspect, 1, 100)
        self.value = self._within("value", value, 0, 1)

    def forward(self, images: Tensor, draws: Draws) -> Tensor:
        """Return images with rectangles of one value: (N, C, H, W) -> (N, C, H, W)."""
        height, width = images.shape[2:]
        chosen, area, aspect, top, left = draws.uniform(5).unbind(1)
        if not self.p:
            return images
        least, most = self.area
        pixels = (least + (most - least) * area) * (height * width)
        aspect = torch.exp((2 * aspect - 1) * math.log(self.aspect))  # height / width
        rows = _span((pixels * aspect).sqrt(), top, height)  # (N, H)
        columns = _span((pixels / aspect).sqrt(), left, width)  # (N, W)
        rows = rows & (chosen < self.p)[:, None]
        return images.masked_fill(rows[:, None, :, None] & columns[:, None, None, :], self.value)


def _span(length: Tensor, place: Tensor, side: int) -> Tensor:
    """Say which of ``side`` pixels lie in a span: its length, and its place in [0, 1) -> bool."""
    length = length.round().clamp(1, side)
    start = (place * (side - length + 1)).floor()
    pixel = torch.arange(side, device=length.device)
    return (pixel >= start[:, None]) & (pixel < (start + length)[:, None])
