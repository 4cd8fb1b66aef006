"""A transformer over the patches of an image."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones import hyperparameters
from lightning_modules.backbones.encoder import Encoder
from lightning_modules.backbones.inputs import image_shape

_MOST_PATCHES = 16  # a side; attention costs the fourth power of it


class VisionTransformer(nn.Module):
    """Patches as tokens with learnt positions, encoded and averaged.

    Dosovitskiy et al. 2021, 'An Image is Worth 16x16 Words', section 3.1; the mean over tokens
    instead of a class token is their appendix D.3 and needs no extra token to learn.

    Args:
        spec: the data, with one image.
        dim: size of a token and number of features.
        depth: number of encoder blocks.
        heads: attention heads; must divide ``dim``.
        patch: side of a patch in pixels; None takes 2 for 8 pixels, 4 for 28 or 32, 8 for 64 and 16
            for 224. An image that it does not divide is padded below and to the right.
        dropout: rate in each block and on the tokens.

    Shape:
        (N, C, H, W) in [0, 1] -> (N, dim)
    """

    def __init__(
        self,
        spec: DataSpec,
        dim: int = 96,
        depth: int = 4,
        heads: int = 4,
        patch: int | None = None,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        channels, height, width = image_shape(spec, "VisionTransformer")
        hyperparameters.transformer("VisionTransformer", dim, depth, heads, dropout)
        self.patch = _checked(patch, height, width)
        patches = -(-height // self.patch) * -(-width // self.patch)
        self.embed = nn.Linear(channels * self.patch**2, dim)
        # as large as the patches: at a tenth of that, where a patch lies is learnt many epochs late
        self.positions = nn.Parameter(torch.randn(1, patches, dim) * 0.5)
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(dim, depth, heads, dropout)
        self.out_features = dim

    def forward(self, image: Tensor) -> Tensor:
        """Return the features of each image.

        Args:
            image: (N, C, H, W) in [0, 1].
        """
        # to [-1, 1]: without it all patches of a bright image look alike to the first layer
        tokens = self.embed(patches(image * 2.0 - 1.0, self.patch)) + self.positions
        features: Tensor = self.encoder(self.dropout(tokens)).mean(dim=1)
        return features


def patches(image: Tensor, side: int) -> Tensor:
    """Cut images into squares, row by row, after padding them with zeros below and to the right.

    Args:
        image: (N, C, H, W).
        side: of a square, in pixels.

    Returns:
        (N, P, C * side * side), with P = ceil(H / side) * ceil(W / side).
    """
    height, width = image.shape[-2:]
    padded = F.pad(image, (0, -width % side, 0, -height % side))
    return F.unfold(padded, kernel_size=side, stride=side).transpose(1, 2)


def patch_side(height: int, width: int) -> int:
    """Return the side of a patch that suits an image.

    The power of two nearest to the root of the longer side, so that there are about as many patches
    in a row as pixels in a patch, doubled while there would be more than 16 patches in a row.

    Args:
        height: of the image, in pixels.
        width: of the image, in pixels.
    """
    longer = max(height, width)
    side = 2 ** math.ceil(math.log2(longer) / 2 - 0.5)
    while longer > _MOST_PATCHES * side:
        side *= 2
    return int(side)


def _checked(patch: int | None, height: int, width: int) -> int:
    if patch is None:
        return patch_side(height, width)
    if not 1 <= patch <= max(height, width):
        raise UserError(
            f"VisionTransformer needs a patch of 1 to {max(height, width)} pixels for an image of "
            f"{height} x {width}, but was given {patch}."
        )
    return patch
