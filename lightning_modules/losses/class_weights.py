"""Weights that let rare classes count as much as common ones."""

from torch import Tensor, nn, tensor

from datamodules.errors import UserError


def balanced_weights(counts: list[int]) -> Tensor:
    """Return ``n / (C n_c)`` for each class, as scikit-learn's ``compute_class_weight`` does.

    C counts the classes that have rows; one without any has the weight 1, which training never
    uses. The weights' mean over the training rows is 1.

    Args:
        counts: training rows of each class.

    Shape:
        (C,) float32

    Raises:
        UserError: no class has rows.
    """
    present = sum(count > 0 for count in counts)
    if not present:
        raise UserError("Class weights need training rows, but no class has any.")
    rows = sum(counts)
    return tensor([rows / (present * count) if count else 1.0 for count in counts])


def positive_weights(counts: list[int], rows: int) -> Tensor:
    """Return ``(rows - n_c) / n_c`` for each label: negatives for each positive row.

    A label that no row or every row has leaves nothing to balance and has the weight 1.

    Args:
        counts: training rows that have each label.
        rows: training rows in all.

    Shape:
        (C,) float32
    """
    return tensor([(rows - count) / count if 0 < count < rows else 1.0 for count in counts])


def total_weight(loss: nn.Module, target: Tensor) -> Tensor | int:
    """Return what a mean loss divides by: the class weights of its rows, or else their number.

    Args:
        loss: with class weights as its ``weight``, or without any; one that divides by something
            else says so as ``total_weight``.
        target: (N,) int64 classes; of labels, numbers and shares of classes, (N, ...) floats, each
            row counts alike.
    """
    if (says := getattr(loss, "total_weight", None)) is not None:
        own: Tensor | int = says(target)
        return own
    weight = getattr(loss, "weight", None)
    if not isinstance(weight, Tensor) or target.is_floating_point():
        return len(target)
    return weight[target].sum()


def set_class_weight(loss: nn.Module, weight: Tensor) -> None:
    """Put class weights onto a loss, as its ``pos_weight`` or else its ``weight``.

    Args:
        loss: one with such a buffer.
        weight: (C,).

    Raises:
        UserError: the loss has neither.
    """
    # `pos_weight` first: the `weight` of BCEWithLogitsLoss would weigh both sides of a label alike
    for name in ("pos_weight", "weight"):
        held = getattr(loss, name, loss)  # the loss itself stands for having none
        if isinstance(held, Tensor | None) and not isinstance(held, nn.Parameter):
            setattr(loss, name, weight)
            return
    raise UserError(
        f"{type(loss).__name__} takes no class weights: leave them out or choose CrossEntropyLoss, "
        "FocalLoss, SoftTargetCrossEntropy or, for several labels a row, BCEWithLogitsLoss."
    )
