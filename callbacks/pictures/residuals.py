"""Numbers as predicted beside the true ones."""

import numpy as np
from numpy.typing import NDArray

from callbacks.pictures.canvas import BLUE, RED, Pixels, as_pixels, label, new_figure

Numbers = NDArray[np.float32]


def draw_scatter(true: Numbers, predicted: Numbers, name: str, title: str) -> Pixels:
    """Draw each row as a point; on the line predictions are right.

    Args:
        true: (N,) in the user's units.
        predicted: (N,) in the user's units.
        name: of the number.
        title: what rows these are.
    """
    figure = new_figure(5.6, 5.6)
    axes = figure.add_subplot()
    both = np.concatenate([true, predicted])
    ends = (float(both.min()), float(both.max()))
    # of many points only where they are dense can be seen
    alpha = float(np.clip(400 / max(1, len(true)), 0.12, 0.7))
    axes.plot(true, predicted, "o", color=BLUE, markersize=4, markeredgewidth=0, alpha=alpha)
    axes.plot(ends, ends, color=RED, linewidth=1, label="right")
    axes.set_xlabel(f"true {label(name, 30)}")
    axes.set_ylabel(f"predicted {label(name, 30)}")
    axes.set_aspect("equal", adjustable="datalim")
    axes.legend(frameon=False)
    axes.set_title(title, size=11)
    return as_pixels(figure)


def draw_residuals(true: Numbers, predicted: Numbers, name: str, title: str) -> Pixels:
    """Draw how often each error occurs, with its mean; the outermost per cent is left out.

    Args:
        true: (N,) in the user's units.
        predicted: (N,) in the user's units.
        name: of the number.
        title: what rows these are.
    """
    errors = predicted - true
    figure = new_figure(5.6, 4.2)
    axes = figure.add_subplot()
    low, high = np.quantile(errors, [0.005, 0.995])
    axes.hist(
        errors,
        bins=int(np.clip(len(errors) ** 0.5, 5, 60)),
        range=(float(low), float(high)),
        color=BLUE,
    )
    mean = float(errors.mean())
    axes.axvline(mean, color=RED, linewidth=1.5, label=f"mean {mean:.3g}")
    axes.axvline(0, color="black", linewidth=1, linestyle="--", label="no error")
    axes.set_xlabel(f"predicted - true {label(name, 30)}")
    axes.set_ylabel("rows")
    axes.legend(frameon=False)
    axes.set_title(title, size=11)
    return as_pixels(figure)
