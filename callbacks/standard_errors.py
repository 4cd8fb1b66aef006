"""How far the figures of held-out rows may be off by chance."""

import copy
import math
from collections.abc import Mapping
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn

from datamodules.batch import Batch, StepOutput
from datamodules.spec import DataSpec
from lightning_modules.supervised import SupervisedModule

POSITIVE = "positive"
SHARES = ("accuracy", "exact_match")


class StandardErrors(Callback):
    """Sum up, while rows are tested, what the standard errors of figures are made of.

    Accuracy, the share of rows with every label right, MAE and the loss are means over rows, whose
    standard error is the rows' deviation over ``sqrt(n)``. That of RMSE follows from the squares'
    (delta method), that of the area under the ROC curve of two classes from the area (Hanley and
    McNeil 1982). A loss that cannot be told row by row, or with class weights, has none here.
    """

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}  # how many rows, their values' sum, that of the squares

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start with no rows."""
        self.sums = {}

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: StepOutput,  # type: ignore[override]
        batch: Batch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Add one batch; a foreign module's rows cannot be told apart."""
        if not isinstance(pl_module, SupervisedModule) or not isinstance(outputs, Mapping):
            return
        for name, values in values_of_rows(pl_module, outputs).items():
            rows = values.double().reshape(len(values), -1)
            sums = torch.stack([torch.ones_like(rows).sum(0), rows.sum(0), rows.square().sum(0)])
            self.sums[name] = self.sums[name] + sums if name in self.sums else sums

    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Add up what all processes have."""
        if trainer.world_size > 1:
            self.sums = {
                name: trainer.strategy.reduce(sums, reduce_op="sum")
                for name, sums in self.sums.items()
            }

    def of(self, figures: Mapping[str, float]) -> dict[str, float]:
        """Return the standard error of each figure that has one, by its name.

        Args:
            figures: that were logged, such as ``test/accuracy``.
        """
        errors = {}
        for name, figure in figures.items():
            error = self._error(name.removeprefix("test/"), figure)
            if error is not None and math.isfinite(error) and error > 0:
                errors[name] = error
        return errors

    def _error(self, name: str, figure: float) -> float | None:
        if name == "auroc" and POSITIVE in self.sums:
            rows, positive, _ = (float(each) for each in self.sums[POSITIVE][:, 0])
            return error_of_auroc(figure, positive, rows - positive)
        if name == "rmse" and "squares" in self.sums:
            return error_of_rmse(self.sums["squares"])
        if name not in self.sums:
            return None
        return (error_of_share if name in SHARES else error_of_mean)(self.sums[name][:, 0])


def values_of_rows(module: SupervisedModule, outputs: StepOutput) -> dict[str, Tensor]:
    """Return what figures are means of, by name: (N,) or (N, K) each.

    Args:
        module: that made the outputs.
        outputs: of a step, with N rows.
    """
    spec = module.spec
    assert isinstance(spec, DataSpec)
    kind = spec.target.kind if spec.target else ""
    truth = module.truth(outputs["target"])
    predicted = module.predicted(outputs["logits"])
    found: dict[str, Tensor] = {}
    if kind in ("binary", "multiclass"):
        found["accuracy"] = predicted.argmax(dim=1) == truth
        if kind == "binary":
            found[POSITIVE] = truth == 1
    elif kind == "multilabel":
        found["exact_match"] = ((predicted > 0.5).long() == truth).all(dim=1)
    elif kind == "regression":
        errors = predicted.double() - truth.double()
        found["mae"] = errors.abs().mean(dim=1)
        found["squares"] = errors.square()
    losses = losses_of_rows(module.loss, outputs["logits"], module.scaled(outputs["target"]))
    return found if losses is None else {**found, "loss": losses}


def losses_of_rows(loss: nn.Module, logits: Tensor, target: Tensor) -> Tensor | None:
    """Return the loss of each row, (N,); ``None`` where it cannot be told.

    Args:
        loss: one that reduces to a mean by a ``reduction`` of its own, as torch's do.
        logits: (N, outputs).
        target: as the loss takes it.
    """
    weights = (getattr(loss, name, None) for name in ("weight", "pos_weight"))
    if getattr(loss, "reduction", None) != "mean" or any(each is not None for each in weights):
        return None
    each: Any = copy.copy(loss)
    each.reduction = "none"
    values: Tensor = each(logits, target)
    return values.reshape(len(logits), -1).mean(dim=1) if len(values) == len(logits) else None


def error_of_mean(sums: Tensor) -> float:
    """Return the standard error of a mean, from the rows' number, sum and sum of squares: (3,)."""
    rows, total, squares = (float(each) for each in sums)
    return math.sqrt(max(squares / rows - (total / rows) ** 2, 0.0) / rows)


def error_of_share(sums: Tensor) -> float:
    """Return the standard error of a share of rows, from the sums of :func:`error_of_mean`.

    It is ``sqrt(p (1 - p) / n)``. Where all rows are right, or none, that would be 0, as if nothing
    could be otherwise: then two rows more of each kind are added (Agresti and Coull 1998,
    "Approximate is better than 'exact' for interval estimation of binomial proportions").
    """
    rows, right, _ = (float(each) for each in sums)
    if right in (0.0, rows):
        rows, right = rows + 4, right + 2
    return math.sqrt(right / rows * (1 - right / rows) / rows)


def error_of_rmse(sums: Tensor) -> float:
    """Return the standard error of a root of a mean of squares, by the delta method.

    Of several targets, whose errors may go together, the mean of each one's, which is the most that
    it can be.

    Args:
        sums: (3, K) number, sum and sum of squares of the squares.
    """
    errors = [error_of_mean(each) for each in sums.T]
    roots = [math.sqrt(float(each[1] / each[0])) for each in sums.T]
    halves = [e / (2 * root) if root else 0.0 for e, root in zip(errors, roots, strict=True)]
    return sum(halves) / len(halves)


def error_of_auroc(area: float, positive: float, negative: float) -> float | None:
    """Return the standard error of an area under the ROC curve.

    Hanley and McNeil 1982, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143, equation 2.

    Args:
        area: that was measured.
        positive: rows of the second class.
        negative: rows of the first.
    """
    if not positive or not negative or not 0 <= area <= 1:
        return None
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (positive - 1) * (first - area**2)
    variance += (negative - 1) * (second - area**2)
    return math.sqrt(max(variance, 0.0) / (positive * negative))
