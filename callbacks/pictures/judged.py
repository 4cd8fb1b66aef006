"""How far each prediction is from the truth, and which rows are worth a look."""

from dataclasses import dataclass

import torch
from torch import Tensor

from datamodules.spec import TargetSpec


@dataclass(frozen=True)
class Judged:
    """N rows with what was predicted of them, on the CPU.

    Attributes:
        spec: the meaning of the target.
        index: (N,) number of each row.
        target: (N,) class, (N, C) marks or (N, K) numbers.
        prediction: of the target's shape.
        probability: (N, C) of each class or label; ``None`` for numbers.
    """

    spec: TargetSpec
    index: Tensor
    target: Tensor
    prediction: Tensor
    probability: Tensor | None = None

    def badness(self) -> Tensor:
        """Return how wrong each row is, (N,).

        One minus the probability of the true class; the largest error of a label's probability; the
        largest error of a number in training deviations.
        """
        if self.probability is None:
            deviations = torch.tensor(self.spec.std)
            return ((self.prediction - self.target) / deviations).abs().amax(dim=1)
        if self.target.ndim == 2:
            return (self.probability - self.target).abs().amax(dim=1)
        return 1 - self.probability.gather(1, self.target[:, None])[:, 0]

    def wrong(self) -> Tensor:
        """Return whether each row's classes or labels are wrong, (N,); numbers always are."""
        if self.probability is None:
            return torch.ones(len(self.index), dtype=torch.bool)
        differ = self.prediction != self.target
        return differ if differ.ndim == 1 else differ.any(dim=1)

    def worst(self, count: int, *, only_wrong: bool = False) -> list[int]:
        """Return the places of at most ``count`` rows, the worst first."""
        order = self.badness().argsort(descending=True, stable=True)
        if only_wrong:
            order = order[self.wrong()[order]]
        return [int(place) for place in order[:count]]

    def some(self, count: int) -> list[int]:
        """Return the places of at most ``count`` rows, the same in each run on the same rows."""
        drawn = torch.randperm(len(self.index), generator=torch.Generator().manual_seed(0))
        return sorted(int(place) for place in drawn[:count])

    def truth(self, place: int) -> str:
        """Return what is true of a row, for a person."""
        return self._told(self.target[place])

    def said(self, place: int) -> str:
        """Return what was predicted of a row, for a person."""
        return self._told(self.prediction[place])

    def doubt(self, place: int) -> str:
        """Return what a person wants to know beside it: probabilities, or the error."""
        if self.probability is None:
            error = self.prediction[place] - self.target[place]
            return ", ".join(f"{number:+.4g}" for number in error.tolist())
        of_row, target = self.probability[place], self.target[place]
        if target.ndim == 0:
            return f"{float(of_row[self.prediction[place]]):.0%}"
        label = int((of_row - target).abs().argmax())
        return f"{self.spec.names[label]} {float(of_row[label]):.0%}"

    def _told(self, value: Tensor) -> str:
        names = self.spec.names
        if self.probability is None:
            return ", ".join(f"{number:.4g}" for number in value.tolist())
        if value.ndim == 0:
            return names[int(value)]
        marks = value.tolist()
        return " | ".join(n for n, mark in zip(names, marks, strict=True) if mark) or "none"
