"""The step that all supervised tasks share."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import lightning as L
import torch
from lightning.pytorch.cli import OptimizerCallable
from torch import Tensor, nn
from torchmetrics import MetricCollection

from datamodules.batch import FEATURES, Batch, StepOutput
from datamodules.errors import UserError
from datamodules.spec import DataSpec, TargetSpec
from lightning_modules.adapters.adapter import Adapter
from lightning_modules.losses.class_weights import total_weight
from lightning_modules.metrics import MeanOverRows
from lightning_modules.parameter_groups.groups import ParameterGroups
from lightning_modules.parameter_groups.optimizer import build_optimizer, groups_for
from lightning_modules.schedules.factory import Schedule, build_schedule
from lightning_modules.schedules.plateau import WarmupPlateau

BackboneCallable = Callable[[DataSpec], nn.Module]


class HeadCallable(Protocol):
    """The annotation of an injected head: what is left to say are its other arguments."""

    def __call__(self, in_features: int, out_features: int) -> nn.Module:
        """Build the head."""
        ...


class SupervisedModule(L.LightningModule):
    """A backbone and a head, fitted to targets with an injected loss, optimizer and schedule.

    Every step returns a :class:`~datamodules.batch.StepOutput`, so that callbacks measure whatever
    they are for without a flag here. Training logs nothing: a callback does, since logging each
    step through Lightning costs a fifth of a small model's speed.

    Args:
        spec: the data.
        backbone: called with ``spec``; maps ``batch["inputs"]`` to features (N, F) and gives F as
            ``out_features``.
        head: called with F and ``outputs``.
        outputs: how many numbers the head gives for each row.
        loss: called as ``loss(logits, target)``; returns a scalar.
        metrics: called with :meth:`predicted` and :meth:`truth`, on validation and test batches.
        optimizer: called with the parameters that require gradients.
        schedule: called with the optimizer and, if it takes them, the run's number of steps;
            stepped each optimizer step.
        adapter: called with the backbone and ``spec``; returns it with few parameters left to
            train.
        parameter_groups: which parameters learn at which rate; ``None`` is one rate for all, but
            that a pretrained backbone learns at a tenth of it.

    Attributes:
        notes: sentences on the weights, told at the start of a fit.
    """

    def __init__(
        self,
        spec: DataSpec,
        backbone: BackboneCallable,
        head: HeadCallable,
        outputs: int,
        loss: nn.Module,
        metrics: MetricCollection,
        optimizer: OptimizerCallable,
        schedule: Schedule | None,
        adapter: Adapter | None = None,
        parameter_groups: ParameterGroups | None = None,
    ) -> None:
        super().__init__()
        self.spec = spec
        built = backbone(spec)
        self.adapter = adapter
        self.backbone = built if adapter is None else adapter(built, spec)
        self.head = head(_features(self.backbone), outputs)
        told: list[str] = list(getattr(built, "notes", []))
        if told:  # of pretrained weights, which have none for this head
            told.append(f"new: {', '.join(f'head.{name}' for name in self.head.state_dict())}")
        self.notes = told + list(getattr(adapter, "notes", []))
        check_loss(loss, spec, outputs)
        self.loss = loss
        self.val_metrics = metrics.clone(prefix="val/")
        self.test_metrics = metrics.clone(prefix="test/")
        self.val_loss = MeanOverRows()
        self.test_loss = MeanOverRows()
        self.optimizer = optimizer
        self.schedule = schedule
        self.parameter_groups = parameter_groups

    # What a task says of itself

    def scaled(self, target: Tensor) -> Tensor:
        """Return the target in the units of the logits: the same shape."""
        return target

    def truth(self, target: Tensor) -> Tensor:
        """Return the target as metrics take it: the same shape."""
        return target

    def predicted(self, logits: Tensor) -> Tensor:
        """Return what metrics compare with the target, from logits (N, outputs)."""
        return logits

    def predictions(self, logits: Tensor) -> dict[str, Tensor]:
        """Return what a user reads, by name: (N,) or (N, C) each, from logits (N, outputs)."""
        return {"prediction": self.predicted(logits)}

    @property
    def figures(self) -> list[str]:
        """The names of all that is logged where there are validation rows."""
        return ["train/loss", "val/loss", *self.val_metrics]

    # What every task does

    def features(self, inputs: Tensor | Mapping[str, Tensor]) -> Tensor:
        """Return the backbone's features, (N, F); those that were computed before pass through."""
        if isinstance(inputs, Mapping) and inputs.keys() == {FEATURES}:
            return inputs[FEATURES]
        features: Tensor = (
            self.backbone(**inputs) if isinstance(inputs, Mapping) else self.backbone(inputs)
        )
        return features

    def forward(self, inputs: Tensor | Mapping[str, Tensor]) -> Tensor:
        """Return logits, (N, outputs)."""
        logits: Tensor = self.head(self.features(inputs))
        return logits

    def training_step(self, batch: Batch, batch_idx: int) -> StepOutput:
        """Return the loss to minimise, with what callbacks may want."""
        return self._step(batch)

    def validation_step(self, batch: Batch, batch_idx: int) -> StepOutput:
        """Measure one validation batch."""
        return self._measured(self._step(batch), self.val_loss, self.val_metrics)

    def test_step(self, batch: Batch, batch_idx: int) -> StepOutput:
        """Measure one test batch."""
        return self._measured(self._step(batch), self.test_loss, self.test_metrics)

    def predict_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        """Return :meth:`predictions` with the rows that they are of."""
        return {**self.predictions(self(batch["inputs"])), "index": batch["index"]}

    def loss_weight(self, target: Tensor) -> Tensor | int:
        """Return what the loss of a batch counts for in a mean over several: (N, ...) -> scalar."""
        return total_weight(self.loss, target)

    def on_validation_epoch_end(self) -> None:
        """Log the figures of the epoch, and tell them to a schedule that waits for one."""
        self._log_figures("val", self.val_loss, self.val_metrics)
        if not self.trainer.sanity_checking:
            self._inform_schedule()

    def on_test_epoch_end(self) -> None:
        """Log the figures of the held-out rows."""
        self._log_figures("test", self.test_loss, self.test_metrics)

    def configure_optimizers(self) -> Any:
        """Build the injected optimizer and schedule."""
        groups = groups_for(self, self.parameter_groups)
        optimizer = build_optimizer(self.optimizer, self, groups)
        if self.schedule is None:
            return optimizer
        steps = self.trainer.estimated_stepping_batches
        schedule = build_schedule(self.schedule, optimizer, steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def _step(self, batch: Batch) -> StepOutput:
        logits = self(batch["inputs"])
        loss = self.loss(logits, self.scaled(batch["target"]))
        return {
            "loss": loss,
            "logits": logits.detach(),
            "target": batch["target"],
            "index": batch["index"],
        }

    def _measured(
        self, output: StepOutput, loss: MeanOverRows, metrics: MetricCollection
    ) -> StepOutput:
        if len(output["index"]):  # a process may have no rows, whose mean is no number
            loss.update(output["loss"], self.loss_weight(output["target"]))
        metrics.update(self.predicted(output["logits"]), self.truth(output["target"]))
        return output

    def _log_figures(self, stage: str, loss: MeanOverRows, metrics: MetricCollection) -> None:
        figures = {f"{stage}/loss": loss.compute(), **metrics.compute()}
        self.log_dict(figures)
        loss.reset()
        metrics.reset()

    def _inform_schedule(self) -> None:
        schedule = self.lr_schedulers()
        if not isinstance(schedule, WarmupPlateau):
            return
        figures = self.trainer.callback_metrics
        if schedule.monitor not in figures:
            raise UserError(
                f"The schedule waits for '{schedule.monitor}', which is not logged; there are: "
                f"{', '.join(sorted(figures))}."
            )
        schedule.observe(float(figures[schedule.monitor]))


def check_loss(loss: nn.Module, spec: DataSpec, outputs: int) -> None:
    """Try a loss on a few made-up rows, before it stops a run in its first step.

    Warnings count: torch only warns where it would compare every row's logits with every row's
    target.

    Args:
        loss: called as ``loss(logits, target)``.
        spec: the data.
        outputs: logits of a row.

    Raises:
        UserError: the loss refuses them, or returns no scalar.
    """
    rows = outputs + 1  # not as many as logits, which would hide a mistake
    logits = torch.zeros(rows, outputs)
    kind = spec.target.kind if spec.target else "regression"
    columns = len(spec.target.names) if spec.target else outputs
    single = kind in ("binary", "multiclass")
    target = torch.zeros(rows, dtype=torch.int64) if single else torch.zeros(rows, columns)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = loss(logits, target)
        why = "" if result.ndim == 0 else f"it returns {tuple(result.shape)} and not one number"
    except (RuntimeError, TypeError, ValueError, Warning) as error:
        why = f"it says: {error}"
    if why:
        fitting = {"multilabel": "BCEWithLogitsLoss", "regression": "MSELoss"}.get(
            kind, "CrossEntropyLoss"
        )
        name = type(loss).__name__
        fits = f" One that fits is {fitting}." if name != fitting else ""
        raise UserError(
            f"The loss {name} does not fit a {kind} target: of logits "
            f"{tuple(logits.shape)} and targets {tuple(target.shape)}, {target.dtype}, "
            f"{why.rstrip('.')}.{fits}"
        )


def target_of(spec: DataSpec, kinds: tuple[str, ...], task: str) -> TargetSpec:
    """Return the target of a spec, which must be of a kind that the task can predict.

    Raises:
        UserError: there is none, or it is of another kind.
    """
    if spec.target is None:
        raise UserError(f"{task} needs data with a target, but these have none.")
    if spec.target.kind not in kinds:
        other = "Regression" if spec.target.kind == "regression" else "Classification"
        raise UserError(
            f"{task} predicts {' or '.join(kinds)} targets, but the data's target is "
            f"{spec.target.kind}: use {other}, or say --data.task."
        )
    return spec.target


def _features(backbone: nn.Module) -> int:
    features = getattr(backbone, "out_features", None)
    if not isinstance(features, int):
        raise UserError(
            f"{type(backbone).__name__} is no backbone: it must say how many features it gives as "
            f"'out_features'."
        )
    return features
