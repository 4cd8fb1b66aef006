"""Focal loss: rows that are already right count less."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FocalLoss(nn.Module):
    """Cross-entropy times ``(1 - p) ** gamma``, where p is the probability of what is true.

    Lin et al. 2017, "Focal Loss for Dense Object Detection", equation 5, with ``weight`` as alpha.
    ``gamma=0`` is ``nn.CrossEntropyLoss``, or ``nn.BCEWithLogitsLoss`` for multi-label targets.

    Args:
        gamma: how strongly rows that are right are discounted.
        weight: (C,), or ``None``. For classes, each row counts by its class's weight and the mean
            is over the weights, as in ``nn.CrossEntropyLoss``; for multi-label targets it
            multiplies the positive terms, as ``pos_weight`` does in ``nn.BCEWithLogitsLoss``.

    Shape:
        - logits: (N, C)
        - target: (N,) int64 classes, or (N, C) float labels of 0 or 1
        - output: scalar
    """

    weight: Tensor | None

    def __init__(self, gamma: float = 2.0, weight: Tensor | None = None) -> None:
        super().__init__()
        self.gamma = gamma
        self.register_buffer("weight", weight)

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss."""
        if target.is_floating_point():
            return self._labels(logits, target)
        return self._classes(logits, target)

    def _classes(self, logits: Tensor, target: Tensor) -> Tensor:
        log_p = F.log_softmax(logits, dim=1).gather(1, target.unsqueeze(1)).squeeze(1)  # (N,)
        loss = self._focal(log_p)
        if self.weight is None:
            return loss.mean()
        weight = self.weight[target]
        return (weight * loss).sum() / weight.sum()

    def _labels(self, logits: Tensor, target: Tensor) -> Tensor:
        if target.shape != logits.shape:
            raise ValueError(
                f"float targets must have the shape of the logits, {tuple(logits.shape)}, "
                f"not {tuple(target.shape)}"
            )
        positive = target * self._focal(F.logsigmoid(logits))  # (N, C)
        if self.weight is not None:
            positive = positive * self.weight
        return (positive + (1 - target) * self._focal(F.logsigmoid(-logits))).mean()

    def _focal(self, log_p: Tensor) -> Tensor:
        # the slope of (1 - p) ** gamma at p = 1 is infinite for gamma below 1; the clamp ends it
        missing = (-torch.expm1(log_p)).clamp(min=torch.finfo(log_p.dtype).tiny)
        return -(missing**self.gamma) * log_p

    def extra_repr(self) -> str:
        """Say the settings."""
        return f"gamma={self.gamma}"
