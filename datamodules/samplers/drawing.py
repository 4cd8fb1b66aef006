"""An epoch of rows of which some stand in it several times and some not at all."""

import torch
from torch import Tensor


class Drawing:
    """Draw as many rows as there are, each as often as its weight says.

    Systematic sampling (Madow 1949, "On the theory of systematic sampling, II"): weights are laid
    end to end and met by equidistant points. A row that is due 2.3 times is had 2 or 3 times, 2.3
    in the mean over epochs, which is less chance than in draws with replacement. Which rows are
    neighbours is drawn anew in each epoch; within a kind they stay together, so that a kind too is
    had as often as it is due, but for one row.

    Args:
        weights: (M,) of the rows, none below 0, not all 0; only their proportions count.
        kinds: (M,) a whole number for each row, such as its class.
        note: what is worth telling before training.
    """

    def __init__(self, weights: Tensor, kinds: Tensor | None = None, note: str = "") -> None:
        self.weights = weights
        self.kinds = kinds
        self.note = note

    @property
    def expected(self) -> Tensor:
        """(M,) how often each row is due in an epoch, float64; M in all."""
        return self.weights.double() * (len(self.weights) / self.weights.double().sum())

    def places(self, generator: torch.Generator) -> Tensor:
        """Return the places of an epoch's rows, in no order of use: (M,) int64.

        Args:
            generator: that alone decides.
        """
        order = torch.randperm(len(self.weights), generator=generator)
        if self.kinds is not None:
            order = order[self.kinds[order].argsort(stable=True)]
        ends = self.expected[order].cumsum(0)
        offset = torch.rand(1, generator=generator, dtype=torch.float64)
        points = offset + torch.arange(len(order), dtype=torch.float64)
        # the sum may lie a rounding below the last point
        last = int(self.weights[order].nonzero()[-1])
        return order[torch.searchsorted(ends, points, right=True).clamp(max=last)]


def times_seen(places: Tensor) -> Tensor:
    """Return how often each place has stood before: (M,) -> (M,) int64."""
    order = places.argsort(stable=True)
    ordered = places[order]
    seen = torch.arange(len(places)) - torch.searchsorted(ordered, ordered)
    return torch.empty_like(places).scatter_(0, order, seen)
