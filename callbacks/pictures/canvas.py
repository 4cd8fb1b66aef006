"""Figures without a window, as pixels; matplotlib is imported when the first is drawn."""

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 100
BLUE, ORANGE, RED = "#0072B2", "#E69F00", "#D55E00"
"""Of Okabe and Ito's palette, which people with any kind of colour vision tell apart."""

Pixels = NDArray[np.uint8]


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of a size in inches, laid out so that nothing overlaps."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DPI, layout="constrained")


def as_pixels(figure: "Figure") -> Pixels:
    """Return the picture, (H, W, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # a class may be named in a script that the font does not have: boxes are drawn
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def label(text: str, most: int = 18) -> str:
    """Return a name as it can stand in a picture: on one line, and with no formula in it.

    A long one is cut in its middle, since names often differ at their ends.
    """
    line = " ".join(text.split())
    if len(line) > most:
        tail = most // 3
        line = f"{line[: most - tail - 1]}…{line[-tail:]}"
    return line.replace("$", r"\$")  # matplotlib would set what stands between two as a formula
