"""Plain images, brought to the size and the colours that a pretrained network was trained with."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datamodules.errors import UserError, unknown

Size = tuple[int, int]
Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"]
INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
Mode = Literal["shorter side", "longer side", "exact"]
MODES: tuple[Mode, ...] = get_args(Mode)
Arithmetic = Literal["pillow", "torch"]

_IN_TORCH = {"nearest": "nearest-exact", "lanczos": "bicubic", "box": "area", "hamming": "bilinear"}
"""The kernels of Pillow that torch lacks, or calls otherwise, and the nearest that it has."""
_SLACK = 1e-6
"""Of a quotient: a share of 224 / 232 must give 232 again."""


class ImagePreparation(nn.Module):
    """Resize, crop at the centre, and normalise, as the library does that trained the network.

    Libraries scale pictures of 8 bits, and round after each of the two passes. On a CPU the very
    same program is asked, so the pixels are the same to the last bit. On other devices, in an
    export and where a gradient of the images is wanted the passes are torch's, rounded as well: one
    pixel in some hundreds differs by one step of 255. It is done whatever size images have: those
    of the network's size lose their edges too, unless ``crop`` is 1, which leaves them as they are.

    Args:
        size: height and width that the network takes.
        mean: of each channel, in [0, 1].
        std: of each channel.
        crop: share of the scaled image's side that is kept; 1 keeps all.
        interpolation: between pixels, by its name in Pillow.
        mode: which side is scaled to ``size / crop``: the shorter one; the longer one, with the
            mean colour around; or both, whatever the picture's shape.
        arithmetic: whose numbers are wanted on a CPU: Pillow's, which timm and torchvision hand
            their pictures to, or those of torch on tensors of 8 bits, as transformers does.

    Shape:
        (N, C, H, W) in [0, 1] -> (N, C, size[0], size[1])

    Raises:
        UserError: an argument makes no sense.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        size: Size,
        mean: Sequence[float],
        std: Sequence[float],
        crop: float = 1.0,
        interpolation: Interpolation = "bilinear",
        mode: Mode = "shorter side",
        arithmetic: Arithmetic = "pillow",
    ) -> None:
        super().__init__()
        if min(size) < 1:
            raise UserError(f"Images need a size of at least 1 pixel, but {min(size)} was given.")
        if not 0.0 < crop <= 1.0:
            raise UserError(
                f"crop is the share of an image that is kept, above 0 to 1, not {crop}."
            )
        if interpolation not in INTERPOLATIONS:
            raise unknown("interpolation", interpolation, INTERPOLATIONS)
        if mode not in MODES:
            raise unknown("way to scale images", mode, MODES)
        self.size = (int(size[0]), int(size[1]))
        self.crop = crop
        self.interpolation = interpolation
        self.mode = mode
        self.arithmetic = arithmetic
        self.register_buffer("mean", torch.tensor(list(mean)).reshape(-1, 1, 1))
        self.register_buffer("std", torch.tensor(list(std)).reshape(-1, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        """Return images as the network takes them.

        Args:
            image: (N, C, H, W) in [0, 1].
        """
        image = self._cropped(self._scaled(image))
        return (image - self.mean) / self.std

    def extra_repr(self) -> str:
        """Return what is done to images, for a printed network."""
        height, width = self.size
        return f"{height} x {width}, {self.interpolation}, {self.mode}, crop {self.crop:g}"

    def scaled_size(self, height: int, width: int) -> Size:
        """Return the size to which an image is scaled before it is cropped."""
        goal = [int(side / self.crop + _SLACK) for side in self.size]
        if self.mode == "exact":
            return goal[0], goal[1]
        if goal[0] == goal[1] and self.mode == "shorter side":
            side, shorter = goal[0], min(height, width)
            return int(side * height / shorter), int(side * width / shorter)
        # as timm does where the network takes no squares, or all of a picture
        chosen = min if self.mode == "shorter side" else max
        ratio = chosen(height / goal[0], width / goal[1])
        return round(height / ratio), round(width / ratio)

    def _scaled(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        size = self.scaled_size(height, width)
        if size == (height, width):
            return image
        differentiable = image.requires_grad and torch.is_grad_enabled()
        if torch.compiler.is_compiling() or differentiable or image.device.type != "cpu":
            return _by_passes(image, size, self.interpolation)
        eight_bits = (image.detach() * 255).round().clamp(0, 255).to(torch.uint8)
        by = _by_torch if self.arithmetic == "torch" else _by_pillow
        scaled = by(eight_bits, size, self.interpolation)
        return (scaled.to(torch.get_default_dtype()) / 255).to(image.dtype)

    def _cropped(self, image: Tensor) -> Tensor:
        if self.mode == "longer side":
            below, beside = (
                max(0, side - own) for side, own in zip(self.size, image.shape[-2:], strict=True)
            )
            edges = (beside // 2, beside - beside // 2, below // 2, below - below // 2)
            colour = (self.mean * 255).round() / 255
            image = F.pad(image - colour, edges) + colour
        height, width = image.shape[-2:]
        top, left = round((height - self.size[0]) / 2), round((width - self.size[1]) / 2)
        return image[..., top : top + self.size[0], left : left + self.size[1]]


def for_channels(values: Sequence[float], channels: int) -> list[float]:
    """Return the mean or deviation of each colour for images of another number of channels.

    Args:
        values: of the three colours.
        channels: of the images: of one it is the mean over the colours, of more than three the
            colours come again, as in the weights of the first layer.
    """
    if channels == len(values):
        return list(values)
    if channels == 1:
        return [sum(values) / len(values)]
    return [values[channel % len(values)] for channel in range(channels)]


def _by_pillow(image: Tensor, size: Size, interpolation: str) -> Tensor:
    """Scale images of 8 bits: (N, C, H, W) uint8 -> (N, C, *size) uint8."""
    from PIL import Image

    kernel = Image.Resampling[interpolation.upper()]
    rows = image.flatten(0, 1).numpy()
    scaled = np.empty((len(rows), *size), np.uint8)
    for place, plane in enumerate(rows):  # channels do not mix, so each is a grey picture
        scaled[place] = np.asarray(Image.fromarray(plane).resize((size[1], size[0]), kernel))
    return torch.from_numpy(scaled).reshape(*image.shape[:2], *size)


def _by_torch(image: Tensor, size: Size, interpolation: str) -> Tensor:
    """Scale images of 8 bits: (N, C, H, W) uint8 -> (N, C, *size) uint8."""
    return _interpolated(image, size, interpolation)


def _by_passes(image: Tensor, size: Size, interpolation: str) -> Tensor:
    """Scale images along their width, then along their height, each in whole steps of 255.

    The gradient is that of the passes without the rounding.

    Args:
        image: (N, C, H, W) in [0, 1].
        size: height and width.
        interpolation: between pixels.
    """
    for goal in ((image.shape[-2], size[1]), size):
        image = _interpolated(image, goal, interpolation).clamp(0, 1)
        image = image + ((image.detach() * 255 + 0.5).floor() / 255 - image.detach())
    return image


def _interpolated(image: Tensor, size: Size, interpolation: str) -> Tensor:
    mode = _IN_TORCH.get(interpolation, interpolation)
    smooth = mode in ("bilinear", "bicubic")
    scaled: Tensor = F.interpolate(image, size, mode=mode, antialias=smooth)
    return scaled
