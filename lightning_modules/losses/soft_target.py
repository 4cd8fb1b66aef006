"""Cross-entropy to class probabilities, as mixing, distillation and several annotators give."""

import torch.nn.functional as F
from torch import Tensor, nn


class SoftTargetCrossEntropy(nn.Module):
    """Cross-entropy to probabilities, of which classes are the special case.

    ``-sum_c q_c w_c log p_c``, averaged over the rows' weights ``sum_c q_c w_c``. It differs from
    ``nn.CrossEntropyLoss`` only for probabilities with ``weight``: that one divides by N, so there
    one-hot targets and the same classes give different losses. Smoothing is that of Szegedy et al.
    2016, "Rethinking the Inception Architecture", section 7.

    Args:
        weight: (C,) weight of each class, or ``None``.
        label_smoothing: the part of each target that is spread evenly over the classes.

    Shape:
        - logits: (N, C)
        - target: (N, C) probabilities, or (N,) int64 classes
        - output: scalar
    """

    weight: Tensor | None

    def __init__(self, weight: Tensor | None = None, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        self.register_buffer("weight", weight)

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss."""
        loss = F.cross_entropy(logits, target, self.weight, label_smoothing=self.label_smoothing)
        if self.weight is None or not target.is_floating_point():
            return loss
        return loss * len(target) / (target * self.weight).sum()

    def extra_repr(self) -> str:
        """Say the settings."""
        return f"label_smoothing={self.label_smoothing}"
