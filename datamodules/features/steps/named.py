"""Ways to bring numbers to one scale, by a word."""

from typing import Literal

from datamodules.features.steps.quantile import Quantile
from datamodules.features.steps.scaling import MinMax, Robust, Standard
from datamodules.features.steps.step import Step

Scaling = Literal["quantile", "standard", "minmax", "robust"]


def scaled(scaling: Scaling) -> list[Step]:
    """Return the steps that a word stands for."""
    steps: dict[str, type[Step]] = {
        "quantile": Quantile,
        "standard": Standard,
        "minmax": MinMax,
        "robust": Robust,
    }
    return [steps[scaling]()]
