"""Cross-entropy to class probabilities, as mixing, distillation and several annotators give."""

import torch
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

    def total_weight(self, target: Tensor) -> Tensor | int:
        """Return what the mean divides by: the rows' weights, or their number."""
        if self.weight is None:
            return len(target)
        one_each = not target.is_floating_point()
        return self.weight[target].sum() if one_each else (target * self.weight).sum()

    def extra_repr(self) -> str:
        """Say the settings."""
        return f"label_smoothing={self.label_smoothing}"


def takes_probabilities(loss: nn.Module, classes: int) -> bool:
    """Tell whether a loss takes shares of classes (N, C) for what it takes classes (N,) for.

    It is tried on made-up rows: where a share is 1, the gradient must have the direction that the
    class gives it. Another loss may take the same shape for labels, each by itself.

    Args:
        loss: called as ``loss(logits, target)``.
        classes: logits of a row, C.
    """
    kept = next(iter((*loss.parameters(), *loss.buffers())), torch.zeros(0))
    target = torch.arange(classes, device=kept.device)
    shares = F.one_hot(target, classes).to(torch.get_default_dtype())
    try:
        by_class, by_share = (_gradient(loss, each, classes) for each in (target, shares))
    except (IndexError, RuntimeError, TypeError, ValueError):
        return False
    return bool((F.cosine_similarity(by_class, by_share, dim=1) > 0.999).all())


def _gradient(loss: nn.Module, target: Tensor, classes: int) -> Tensor:
    logits = torch.linspace(-1, 1, classes * classes, device=target.device).view(classes, classes)
    logits.requires_grad_()
    gradient: Tensor = torch.autograd.grad(loss(logits, target), logits)[0]
    return gradient
