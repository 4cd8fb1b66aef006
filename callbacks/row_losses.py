"""Which training labels look wrong, from what training does anyway."""

from pathlib import Path
from typing import Any

import polars as pl
import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from datamodules.batch import Batch, StepOutput
from datamodules.errors import UserError
from datamodules.files import written_whole
from datamodules.spec import TargetSpec

STEPS = 2.0**16
"""Whole steps of a loss of 1: whole numbers have one sum, whatever the order and the processes."""
MOST = 1e4
"""A loss above this counts as this, and so does one that is no number."""
BITS = 32
"""Room for the lower of two numbers in one."""
GREATEST = ("last", "rival")
"""Of which the greatest counts; of the others it is the sum."""


class RowLosses(Callback):
    """Write ``label_noise.csv``: each training row's mean loss over the epochs, the highest first.

    A wrong label is learnt late and against the others, so its loss stays high for long, though in
    the end it may be known by heart: Pleiss et al. 2020, "Identifying Mislabeled Data using the
    Area Under the Margin Ranking". The mean over epochs is that area for the cross-entropy. Losses
    are those of the steps of training, with dropout and augmentation, at no cost but some sums.

    Beside it stand the last loss and the class that was the likeliest of the others in any epoch.
    The table is written at the end of ``fit`` into the run folder, unless nothing is kept of the
    run. Sums are part of the state, so an interrupted run has those of all its epochs.

    Args:
        file: name of the table.

    Raises:
        UserError: the target is not one class a row, or what is learnt from is mixed from several.
    """

    def __init__(self, file: str = "label_noise.csv") -> None:
        self.file = file
        self.state: dict[str, Tensor] = {}

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Refuse what it cannot tell anything of."""
        if stage != "fit":
            return
        _target(pl_module)
        datamodule = getattr(trainer, "datamodule", None)
        if mixing := getattr(getattr(datamodule, "augment", None), "mixing", ""):
            raise UserError(
                f"RowLosses tells which label looks wrong, but with {mixing} a target is of two "
                f"rows: take one of them out of the config."
            )

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Make room for each row; what was loaded is of all processes, and goes to the first."""
        if not self.state or not trainer.is_global_zero:
            self.state = nothing_seen(_rows(trainer))
        self.state = {name: values.to(pl_module.device) for name, values in self.state.items()}

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: StepOutput,  # type: ignore[override]
        batch: Batch,
        batch_idx: int,
    ) -> None:
        """Add the losses of one batch."""
        add(self.state, outputs, trainer.current_epoch)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the table; the first process does."""
        state = self._of_all(trainer)
        if not trainer.is_global_zero or not (trainer.loggers or trainer.checkpoint_callbacks):
            return
        path = Path(trainer.default_root_dir) / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        target = _labels(trainer)
        with written_whole(path) as partial:
            loss_table(state, target, _target(pl_module).names).write_csv(partial)

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Keep what all processes have seen."""
        if trainer.world_size > 1:
            checkpoint["callbacks"][self.state_key] = self._of_all(trainer)

    def state_dict(self) -> dict[str, Any]:
        """Return what is known of each row."""
        return {name: values.cpu() for name, values in self.state.items()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with it."""
        self.state = dict(state_dict)

    def _of_all(self, trainer: Trainer) -> dict[str, Tensor]:
        if trainer.world_size == 1:
            return self.state_dict()
        parts = {name: trainer.strategy.all_gather(each) for name, each in self.state.items()}
        return merged({name: values.cpu() for name, values in parts.items()})


def nothing_seen(rows: int) -> dict[str, Tensor]:
    """Return the state of so many rows of which none was seen: (rows,) int64 each.

    ``sum`` is of losses in whole steps, ``count`` of how often a row was seen. ``last`` is its last
    loss below the number of the epoch, ``rival`` the class that was likeliest of the others below
    its probability: two states are put together by sums and maxima, in any order.
    """
    return {name: torch.zeros(rows, dtype=torch.int64) for name in ("sum", "count", *GREATEST)}


def add(state: dict[str, Tensor], outputs: StepOutput, epoch: int) -> None:
    """Add the losses of a batch to a state, in place, without waiting for the device.

    Args:
        state: as of :func:`nothing_seen`.
        outputs: of a step of training, with (N, C) logits and (N,) classes.
        epoch: in which it was made.
    """
    index, own = outputs["index"], outputs["target"].unsqueeze(1)
    logs = outputs["logits"].float().log_softmax(dim=1)
    losses = _whole_steps(-logs.gather(1, own).squeeze(1), MOST)
    share, rival = logs.scatter(1, own, -torch.inf).max(dim=1)
    rival = (_whole_steps(share.exp(), 1.0) << BITS) + rival
    state["sum"].index_add_(0, index, losses)
    state["count"].index_add_(0, index, torch.ones_like(losses))
    state["last"][index] = losses + (epoch << BITS)
    state["rival"][index] = torch.maximum(rival, state["rival"][index])


def merged(parts: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return one state from those of several processes: (processes, rows) each -> (rows,).

    In an epoch a row is seen by one process; what is the last of it is where it was seen last.
    """
    return {
        name: values.amax(dim=0) if name in GREATEST else values.sum(dim=0)
        for name, values in parts.items()
    }


def loss_table(state: dict[str, Tensor], target: Tensor, names: list[str]) -> pl.DataFrame:
    """Return the rows that were seen, the highest mean loss first.

    Args:
        state: of all processes.
        target: (rows,) classes, of which those are looked at that were seen.
        names: of the classes.
    """
    rows = state["count"].nonzero().squeeze(1)
    seen = {name: values[rows] for name, values in state.items()}
    last, rival = (seen[name] & ((1 << BITS) - 1) for name in GREATEST)
    table = pl.DataFrame(
        {
            "row": rows.numpy(),
            "label": [names[place] for place in target[rows].tolist()],
            "suggested": [names[place] for place in rival.tolist()],
            "mean_loss": (seen["sum"].double() / seen["count"] / STEPS).numpy(),
            "last_loss": (last.double() / STEPS).numpy(),
            "epochs": seen["count"].numpy(),
        },
        schema_overrides={"label": pl.String, "suggested": pl.String},
    )
    return table.sort("mean_loss", "row", descending=[True, False])


def _whole_steps(values: Tensor, most: float) -> Tensor:
    return (values.nan_to_num(nan=most).clamp(max=most) * STEPS).round().long()


def _target(pl_module: LightningModule) -> TargetSpec:
    """Return the target, which must be of classes."""
    target = getattr(getattr(pl_module, "spec", None), "target", None)
    if not isinstance(target, TargetSpec) or target.kind not in ("binary", "multiclass"):
        kind = target.kind if isinstance(target, TargetSpec) else "unknown"
        raise UserError(
            f"RowLosses tells which class looks wrong, one a row, but the target is {kind}: take "
            f"it out of --trainer.callbacks."
        )
    return target


def _labels(trainer: Trainer) -> Tensor:
    """Return the target of every row of the source: (rows,)."""
    datamodule: Any = trainer.datamodule  # type: ignore[attr-defined]
    target = getattr(getattr(datamodule, "store", None), "target", None)
    if not isinstance(target, Tensor):
        raise UserError(
            "RowLosses must know how many rows there are, which only Fulgurite's datamodules tell: "
            "take it out of --trainer.callbacks."
        )
    return target


def _rows(trainer: Trainer) -> int:
    return len(_labels(trainer))
