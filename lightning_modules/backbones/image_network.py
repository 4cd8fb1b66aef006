"""What holds for a network of images from any library."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from datamodules.errors import UserError
from datamodules.pretrained.tensors import read_tensors
from lightning_modules.backbones.image_preparation import ImagePreparation

PREPARATION = "prepare."
"""Before the names of what a backbone does to images, which are no weights."""

SCALED_UP = 4
"""Times the pixels that an image has, from which on a note is worth its line."""


class ImageBackbone(nn.Module):
    """A network of images from any library, behind what prepares plain images for it.

    Shape:
        (N, C, H, W) in [0, 1] -> (N, out_features)
    """

    network: nn.Module
    prepare: ImagePreparation

    def forward(self, image: Tensor) -> Tensor:
        """Return the features of each image.

        Args:
            image: (N, C, H, W) in [0, 1].
        """
        features: Tensor = self.network(self.prepare(image))
        return features


def width(network: nn.Module, name: str, shape: Sequence[int]) -> int:
    """Return how many features a network gives of an image, which also shows that it takes it.

    Args:
        network: without its head.
        name: of the network, for errors.
        shape: channels, height and width.

    Raises:
        UserError: it does not take the image, or gives no list of features.
    """
    training = network.training
    network.eval()
    try:
        with torch.no_grad():
            features = network(torch.zeros(1, *shape))
    except (AssertionError, RuntimeError, ValueError) as error:
        raise UserError(
            f"'{name}' does not take images of {shape[1]} x {shape[2]}: {one_line(error)}"
        ) from error
    network.train(training)
    if features.ndim != 2 or not features.shape[1]:
        raise UserError(
            f"'{name}' gives no list of features of an image but an array of "
            f"{tuple(features.shape[1:])}: choose another pooling, such as avg, or another network."
        )
    return int(features.shape[1])


def network_tensors(files: Iterable[Path]) -> dict[str, Tensor]:
    """Return the tensors of a network; of a backbone here, those without its preparation.

    Args:
        files: of weights.

    Raises:
        UserError: a file cannot be read.
    """
    tensors = read_tensors(files)
    return {name: each for name, each in tensors.items() if not name.startswith(PREPARATION)}


def scaled_up(given: Sequence[int], size: Sequence[int]) -> list[str]:
    """Return a note where images are scaled up much, which costs time and gives no detail.

    Args:
        given: height and width of the images.
        size: height and width that the network takes.
    """
    if SCALED_UP * given[0] * given[1] >= size[0] * size[1]:
        return []
    return [
        f"images of {given[0]} x {given[1]} pixels are scaled up to {size[0]} x {size[1]}, as the "
        f"network was trained; a smaller size is faster"
    ]


def one_line(error: Exception) -> str:
    """Return what a library says, as the end of a sentence."""
    return " ".join(str(error).split())[:200].rstrip(".") + "."
