"""Classes: one of two, one of many, or any number of labels."""

import inspect
from typing import Literal

import torch
from lightning.pytorch.cli import OptimizerCallable
from torch import Tensor, nn
from torch.optim import AdamW

from datamodules.errors import UserError
from datamodules.hyperparameters import save_plain_hyperparameters
from datamodules.spec import DataSpec
from lightning_modules.adapters.adapter import Adapter
from lightning_modules.losses.class_weights import (
    balanced_weights,
    positive_weights,
    set_class_weight,
)
from lightning_modules.losses.soft_target import SoftTargetCrossEntropy, takes_probabilities
from lightning_modules.metrics import metrics_for
from lightning_modules.parameter_groups.groups import ParameterGroups
from lightning_modules.schedules.factory import Schedule
from lightning_modules.supervised import (
    BackboneCallable,
    HeadCallable,
    SupervisedModule,
    target_of,
)


class Classification(SupervisedModule):
    """Predict the classes that the data name.

    A binary target has two logits, a multi-class one C, under a softmax; a multi-label one C logits
    under a sigmoid each.

    Args:
        spec: the data; the command fills it in.
        backbone: called with ``spec``; maps inputs to features.
        head: called with the number of features and of logits.
        loss: called as ``loss(logits, target)``; cross-entropy by default, for several labels a row
            binary cross-entropy.
        class_weight: ``balanced`` weighs each class by its rarity in training.
        optimizer: called with the parameters that require gradients.
        schedule: called with the optimizer; stepped each optimizer step.
        adapter: trains few parameters of the backbone in place of all; None trains all.
        parameter_groups: which parameters learn at which rate; ``None`` is one rate for all, but
            that a pretrained backbone learns at a tenth of it.
    """

    def __init__(
        self,
        spec: DataSpec,
        backbone: BackboneCallable,
        head: HeadCallable = nn.Linear,
        loss: nn.Module | None = None,
        class_weight: Literal["balanced"] | None = None,
        optimizer: OptimizerCallable = AdamW,
        schedule: Schedule | None = None,
        adapter: Adapter | None = None,
        parameter_groups: ParameterGroups | None = None,
    ) -> None:
        target = target_of(spec, ("binary", "multiclass", "multilabel"), "Classification")
        self.many = target.kind == "multilabel"
        loss = loss or (nn.BCEWithLogitsLoss() if self.many else nn.CrossEntropyLoss())
        if self.many:
            _refuse_one_of_many(loss)
        self.classes = classes = len(target.names)
        metrics = metrics_for(target)
        super().__init__(
            spec,
            backbone,
            head,
            classes,
            loss,
            metrics,
            optimizer,
            schedule,
            adapter=adapter,
            parameter_groups=parameter_groups,
        )
        save_plain_hyperparameters(self, inspect.currentframe())
        if class_weight == "balanced":  # after saving: a loss that holds tensors is not plain
            weights = (
                positive_weights(target.counts, target.rows)
                if self.many
                else balanced_weights(target.counts)
            )
            set_class_weight(loss, weights)

    def probabilities(self, logits: Tensor) -> Tensor:
        """Return the probability of each class or label: (N, C) -> (N, C)."""
        return logits.sigmoid() if self.many else logits.softmax(dim=1)

    def predicted(self, logits: Tensor) -> Tensor:
        """Return the logits; for several labels a row, probabilities: (N, C) -> (N, C)."""
        return logits.sigmoid() if self.many else logits

    def predictions(self, logits: Tensor) -> dict[str, Tensor]:
        """Return classes (N,), or marks of labels (N, C), and probabilities (N, C)."""
        probabilities = self.probabilities(logits)
        chosen = (probabilities > 0.5).long() if self.many else probabilities.argmax(dim=1)
        return {"prediction": chosen, "probability": probabilities}

    def truth(self, target: Tensor) -> Tensor:
        """Return the target as metrics take it; labels as whole numbers."""
        return target.long() if self.many else target

    def scaled(self, target: Tensor) -> Tensor:
        """Return the target as the loss takes it; labels and shares of classes as floats."""
        floats = self.many or target.is_floating_point()
        return target.to(torch.get_default_dtype()) if floats else target

    def setup(self, stage: str) -> None:
        """Refuse rows that are mixed where the loss does not take their target.

        Raises:
            UserError: of the loss.
        """
        augment = getattr(getattr(self.trainer, "datamodule", None), "augment", None)
        mixing = getattr(augment, "mixing", "") if stage == "fit" and not self.many else ""
        if mixing and not takes_probabilities(self.loss, self.classes):
            raise UserError(
                f"--data.augment: with {mixing} a target is of two classes by shares, which the "
                f"loss {type(self.loss).__name__} does not take: choose CrossEntropyLoss or "
                f"SoftTargetCrossEntropy, or take {mixing} out."
            )


def _refuse_one_of_many(loss: nn.Module) -> None:
    """Raise UserError for a loss that would take the labels of a row for shares of one class."""
    if not isinstance(loss, nn.CrossEntropyLoss | SoftTargetCrossEntropy):
        return
    smooth = f" --model.loss.label_smoothing {loss.label_smoothing:g}"
    other = "SmoothBCEWithLogitsLoss" if loss.label_smoothing else "BCEWithLogitsLoss"
    raise UserError(
        f"--model.loss: {type(loss).__name__} takes the one class of each row, but these rows have "
        f"several labels: choose --model.loss {other}{smooth if loss.label_smoothing else ''}."
    )
