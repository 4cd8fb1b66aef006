"""Images side by side, each with what is true of it and what the model says."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from callbacks.pictures.canvas import BLUE, RED, Pixels, as_pixels, label, new_figure
from callbacks.pictures.judged import Judged

COLUMNS = 6
CAPTION = 0.5
"""Height below an image for three lines, in widths of an image."""


def captions(judged: Judged, places: list[int]) -> list[tuple[str, bool]]:
    """Return three lines for each row, and whether it is wrong."""
    wrong = judged.wrong()
    return [
        (
            f"true {label(judged.truth(place), 16)}\n"
            f"said {label(judged.said(place), 10)}, {label(judged.doubt(place), 12)}\n"
            f"row {int(judged.index[place])}",
            bool(wrong[place]),
        )
        for place in places
    ]


def draw_images(images: Tensor, told: list[tuple[str, bool]], title: str) -> Pixels:
    """Draw images in rows, captions in red where the model is wrong.

    Args:
        images: (N, C, H, W) in [0, 1].
        told: N captions, and whether each is of a mistake.
        title: which rows these are.
    """
    tiles = as_tiles(images)
    columns = min(COLUMNS, len(tiles))
    lines = -(-len(tiles) // columns)
    ratio = tiles.shape[1] / tiles.shape[2]
    height = ratio + CAPTION
    width = 1.55 * max(3, columns)
    figure = new_figure(width, 1.5 * lines * height + 0.4)
    axes = figure.add_subplot()
    for place, (tile, (text, wrong)) in enumerate(zip(tiles, told, strict=True)):
        left, top = (place % columns) * 1.06, (place // columns) * height
        axes.imshow(
            tile, extent=(left, left + 1, top + ratio, top), interpolation="nearest", vmin=0, vmax=1
        )
        colour = RED if wrong else BLUE
        middle, below = left + 0.5, top + ratio + 0.04
        axes.text(middle, below, text, color=colour, size=9, ha="center", va="top")
    axes.set_xlim(-0.03, columns * 1.06 - 0.03)
    axes.set_ylim(lines * height, -0.03)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(title, size=11)
    return as_pixels(figure)


def as_tiles(images: Tensor) -> NDArray[np.float32]:
    """Return images as (N, H, W, 3), those of four channels on white where they are transparent.

    Of another number of channels the first is shown, as grey.
    """
    if images.shape[1] == 4:
        alpha = images[:, 3:].clamp(0, 1)
        images = images[:, :3] * alpha + 1 - alpha
    if images.shape[1] != 3:
        images = images[:, :1].expand(-1, 3, -1, -1)
    tiles: NDArray[np.float32] = images.clamp(0, 1).permute(0, 2, 3, 1).numpy()
    return tiles
