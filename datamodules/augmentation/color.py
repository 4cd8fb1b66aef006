"""Random brightness, contrast and saturation of a whole batch of images."""

import torch
from torch import Tensor

from datamodules.augmentation.draws import Draws
from datamodules.augmentation.images import ImageAugmentation
from datamodules.errors import UserError

STEPS = 2.0**24
"""Of brightness between 0 and 1: as fine as float32 is just below 1."""


class RandomColor(ImageAugmentation):
    """Change the brightness, then the contrast, then the saturation of each image.

    The counterpart of ``torchvision.transforms.v2.ColorJitter``, with the order fixed and the hue
    left alone. Each factor is uniform in [1 - x, 1 + x]; an image of one channel has no saturation
    to change, and a fourth channel, which is transparency, stays as it is.

    Args:
        brightness: x of the factor that multiplies each pixel.
        contrast: x of the factor that multiplies the distance from the image's mean grey.
        saturation: x of the factor that multiplies the distance from the pixel's own grey.

    Shape:
        (N, C, H, W) -> (N, C, H, W), C 1, 3 or 4

    Raises:
        UserError: an argument is out of [0, 1], or images have another number of channels.
    """

    def __init__(
        self, brightness: float = 0.2, contrast: float = 0.2, saturation: float = 0.2
    ) -> None:
        super().__init__()
        self.brightness = self._within("brightness", brightness, 0, 1)
        self.contrast = self._within("contrast", contrast, 0, 1)
        self.saturation = self._within("saturation", saturation, 0, 1)

    def forward(self, images: Tensor, draws: Draws) -> Tensor:
        """Return recoloured images: (N, C, H, W) -> (N, C, H, W)."""
        if images.shape[1] == 4:
            return torch.cat([self.forward(images[:, :3], draws), images[:, 3:]], dim=1)
        if images.shape[1] not in (1, 3):
            raise UserError(
                f"RandomColor changes images of 1, 3 or 4 channels, but these have "
                f"{images.shape[1]}: take it out of the list of transforms."
            )
        brightness, contrast, saturation = (2 * draws.uniform(3) - 1).unbind(1)
        if self.brightness:
            images = _blend(images, torch.zeros_like(images), 1 + self.brightness * brightness)
        if self.contrast:
            images = _blend(images, mean_grey(images), 1 + self.contrast * contrast)
        if self.saturation and images.shape[1] == 3:
            images = _blend(images, grey(images), 1 + self.saturation * saturation)
        return images


def grey(images: Tensor) -> Tensor:
    """Return the luma of ITU-R BT.601, as torchvision weighs it: (N, C, H, W) -> (N, 1, H, W)."""
    if images.shape[1] == 1:
        return images
    red, green, blue = images[:, :1], images[:, 1:2], images[:, 2:]
    return 0.2989 * red + 0.587 * green + 0.114 * blue


def mean_grey(images: Tensor) -> Tensor:
    """Return the mean grey of each image: (N, C, H, W) -> (N, 1, 1, 1).

    Summed in whole steps: a sum of floats may differ in its last bit with the size of the batch
    and the number of threads.
    """
    steps = (grey(images) * STEPS).long().sum(dim=(1, 2, 3), keepdim=True)
    return steps.float() / (STEPS * images.shape[2] * images.shape[3])


def _blend(images: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    """Return factor * images + (1 - factor) * other, in [0, 1]."""
    factor = factor.view(-1, 1, 1, 1)
    return (images * factor + other * (1 - factor)).clamp_(0, 1)
