"""Which way the edges of an image run."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def edge_strengths(grey: Tensor, directions: int, *, signed: bool) -> Tensor:
    """Return how strong the edge of each direction is at each pixel, shared by the nearest two.

    Args:
        grey: (N, H, W).
        directions: D.
        signed: whether from dark to light and from light to dark are two directions.

    Shape:
        (N, H, W) -> (N, D, H, W)
    """
    across = F.pad(grey[:, :, 2:] - grey[:, :, :-2], (1, 1))
    down = F.pad(grey[:, 2:] - grey[:, :-2], (0, 0, 1, 1))
    strength = torch.hypot(across, down)
    turn = 2 * math.pi if signed else math.pi
    angle = (torch.atan2(down, across) / turn).remainder(1) * directions
    away = (angle[:, None] - torch.arange(directions)[:, None, None]).abs()
    share = (1 - torch.minimum(away, directions - away)).clamp(min=0)
    return share * strength[:, None]
