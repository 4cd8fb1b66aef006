"""Numbers: one or several a row, with or without their spread."""

import inspect

from lightning.pytorch.cli import OptimizerCallable
from torch import Tensor, nn, tensor
from torch.optim import AdamW

from datamodules.errors import UserError
from datamodules.hyperparameters import save_plain_hyperparameters
from datamodules.spec import DataSpec
from lightning_modules.adapters.adapter import Adapter
from lightning_modules.losses.gaussian_nll import GaussianNLL
from lightning_modules.metrics import metrics_for
from lightning_modules.parameter_groups.groups import ParameterGroups
from lightning_modules.schedules.factory import Schedule
from lightning_modules.supervised import (
    BackboneCallable,
    HeadCallable,
    SupervisedModule,
    target_of,
)

HALVES = ("16-true", "bf16-true")


class Regression(SupervisedModule):
    """Predict the numbers of the target.

    The model learns numbers scaled by their training mean and deviation; every figure and every
    prediction is in the user's units. With the loss ``GaussianNLL`` it predicts a standard
    deviation beside each number.

    Args:
        spec: the data; the command fills it in.
        backbone: called with ``spec``; maps inputs to features.
        head: called with the number of features and of logits.
        loss: called as ``loss(logits, target)`` in scaled units; squared error by default.
        optimizer: called with the parameters that require gradients.
        schedule: called with the optimizer; stepped each optimizer step.
        adapter: trains few parameters of the backbone in place of all; None trains all.
        parameter_groups: which parameters learn at which rate; ``None`` is one rate for all, but
            that a pretrained backbone learns at a tenth of it.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        spec: DataSpec,
        backbone: BackboneCallable,
        head: HeadCallable = nn.Linear,
        loss: nn.Module | None = None,
        optimizer: OptimizerCallable = AdamW,
        schedule: Schedule | None = None,
        adapter: Adapter | None = None,
        parameter_groups: ParameterGroups | None = None,
    ) -> None:
        target = target_of(spec, ("regression",), "Regression")
        loss = loss or nn.MSELoss()
        outputs = len(target.names) * int(getattr(loss, "outputs_per_target", 1))
        metrics = metrics_for(target)
        super().__init__(
            spec,
            backbone,
            head,
            outputs,
            loss,
            metrics,
            optimizer,
            schedule,
            adapter=adapter,
            parameter_groups=parameter_groups,
        )
        self.register_buffer("mean", tensor(target.mean), persistent=False)
        self.register_buffer("std", tensor(target.std), persistent=False)
        save_plain_hyperparameters(self, inspect.currentframe())

    def setup(self, stage: str) -> None:
        """Refuse a precision that leaves a target in the user's units three digits.

        Raises:
            UserError: of the trainer's precision.
        """
        if self.trainer.precision in HALVES:
            raise UserError(
                f"--trainer.precision {self.trainer.precision}: the numbers of the target would "
                f"keep three digits; bf16-mixed is as fast and keeps them all."
            )

    def scaled(self, target: Tensor) -> Tensor:
        """Return the target in units of its training deviation: (N, K) -> (N, K)."""
        return (target - self.mean) / self.std

    def predicted(self, logits: Tensor) -> Tensor:
        """Return the numbers in the user's units: (N, outputs) -> (N, K)."""
        scaled = logits[:, : len(self.mean)]  # means come first where there is more
        return scaled * self.std + self.mean

    def predictions(self, logits: Tensor) -> dict[str, Tensor]:
        """Return the numbers and, where the loss learns them, their deviations: (N, K) each."""
        predictions = {"prediction": self.predicted(logits)}
        if isinstance(self.loss, GaussianNLL):
            predictions["std"] = self.loss.std(logits) * self.std
        return predictions
