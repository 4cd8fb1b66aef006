"""Plain images as a network of transformers takes them."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from datamodules.errors import UserError
from lightning_modules.backbones.image_preparation import (
    INTERPOLATIONS,
    ImagePreparation,
    Mode,
    for_channels,
)

RESAMPLINGS = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")
"""Pillow's numbers of kernels, which the settings of a processor have."""
WARPED = 384
"""Size from which ConvNeXt's processor crops no more."""


class PixelPreparation(nn.Module):
    """Bring images to the size and colours of the checkpoint's own processor.

    Args:
        processor: settings, as ``preprocessor_config.json`` has them; may be empty.
        config: of the network.
        channels: of the images.
        name: of the weights, for errors.

    Shape:
        (N, C, H, W) in [0, 1] -> (N, C, height, width)
    """

    def __init__(self, processor: Mapping[str, Any], config: Any, channels: int, name: str) -> None:
        super().__init__()
        size, crop, mode = _sizes(processor, config, name)
        mean, std = _colours(processor)
        resample = processor.get("resample", 2)
        kernel = resample if isinstance(resample, str) else RESAMPLINGS[int(resample)]
        self.prepare = ImagePreparation(
            size,
            for_channels(mean, channels),
            for_channels(std, channels),
            crop,
            kernel if kernel in INTERPOLATIONS else "bilinear",
            mode,
            "torch",
        )
        self.channels = channels

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of what the network is given."""
        return self.channels, *self.prepare.size

    def forward(self, image: Tensor) -> tuple[dict[str, Tensor], None]:
        """Return the network's arguments; every token of an image is real.

        Args:
            image: (N, C, H, W) in [0, 1].
        """
        return {"pixel_values": self.prepare(image)}, None


def as_tokens(hidden: Tensor) -> tuple[Tensor, Tensor]:
    """Return the last hidden states of images as tokens, and a mask in which all are real.

    Args:
        hidden: (N, L, D), or (N, D, height, width) of a network of convolutions.

    Returns:
        (N, L, D) and (N, L).
    """
    if hidden.ndim == 4:
        hidden = hidden.flatten(2).transpose(1, 2)
    return hidden, torch.ones(hidden.shape[:2], dtype=torch.bool, device=hidden.device)


def _sizes(
    processor: Mapping[str, Any], config: Any, name: str
) -> tuple[tuple[int, int], float, Mode]:
    """Return the network's height and width, the share that a crop keeps, and the way to scale.

    Raises:
        UserError: neither processor nor network says of a size.
    """
    scaled = _pair(processor.get("size")) if processor.get("do_resize", True) else None
    cropped = _pair(processor.get("crop_size")) if processor.get("do_center_crop") else None
    by_edge = isinstance(processor.get("size"), Mapping) and "shortest_edge" in processor["size"]
    own = cropped or scaled or _pair(getattr(config, "image_size", None))
    if own is None:
        raise UserError(
            f"'{name}' does not say of what size its images are: a preprocessor_config.json "
            f"beside the weights does."
        )
    mode: Mode = "shorter side" if by_edge else "exact"
    if cropped and scaled:
        return own, min(1.0, cropped[0] / scaled[0]), mode
    kept = processor.get("crop_pct")
    if by_edge and kept:
        return (own, float(kept), mode) if own[0] < WARPED else (own, 1.0, "exact")
    return own, 1.0, mode


def _pair(size: Any) -> tuple[int, int] | None:
    """Return a height and a width of any of the forms in which a size is written."""
    if isinstance(size, Mapping):
        if "shortest_edge" in size:
            return int(size["shortest_edge"]), int(size["shortest_edge"])
        return (int(size["height"]), int(size["width"])) if "height" in size else None
    if isinstance(size, list | tuple):
        return int(size[0]), int(size[-1])
    return (int(size), int(size)) if isinstance(size, int) else None


def _colours(processor: Mapping[str, Any]) -> tuple[list[float], list[float]]:
    """Return mean and deviation of the colours in [0, 1]."""
    if not processor.get("do_normalize", True):
        mean, std = [0.0] * 3, [1.0] * 3
    else:
        mean = list(processor.get("image_mean") or [0.5] * 3)
        std = list(processor.get("image_std") or [0.5] * 3)
    # where pixels are not brought to [0, 1], they stay whole numbers up to 255
    scale = 1.0 if processor.get("do_rescale", True) else 255.0
    return [each / scale for each in mean], [each / scale for each in std]
