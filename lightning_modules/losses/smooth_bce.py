"""Binary cross-entropy to labels that are not quite sure."""

from torch import Tensor, nn

from datamodules.errors import UserError


class SmoothBCEWithLogitsLoss(nn.BCEWithLogitsLoss):
    """Binary cross-entropy with smoothed labels, for several labels a row.

    A label of 1 becomes ``1 - s / 2`` and one of 0 ``s / 2``: the smoothing of Szegedy et al. 2016,
    "Rethinking the Inception Architecture", section 7, over the two values of each label, as
    Keras's ``BinaryCrossentropy(label_smoothing)`` has it. ``nn.CrossEntropyLoss`` smooths the
    classes of targets that have one class a row.

    Args:
        label_smoothing: the part of each label that is spread evenly over yes and no.
        pos_weight: (C,) weight of the positive rows of each label, or ``None``.

    Shape:
        - logits: (N, C)
        - target: (N, C) labels or probabilities
        - output: scalar

    Raises:
        UserError: the part is not from 0 to 1.
    """

    def __init__(self, label_smoothing: float = 0.1, pos_weight: Tensor | None = None) -> None:
        super().__init__(pos_weight=pos_weight)
        if not 0 <= label_smoothing <= 1:
            raise UserError(f"label_smoothing is a part from 0 to 1, but got {label_smoothing}.")
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002  torch's own name
        """Return the mean loss over rows and labels."""
        return super().forward(input, target + self.label_smoothing * (0.5 - target))

    def extra_repr(self) -> str:
        """Say the settings."""
        return f"label_smoothing={self.label_smoothing}"
