"""Pictures of the best epoch's validation rows, drawn when training ends."""

from collections.abc import Mapping
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.trainer.states import TrainerFn

from callbacks.best_epoch import BestEpoch
from callbacks.pictures.judged import Judged
from callbacks.pictures.kept_rows import KeptRows, Rows, gathered
from callbacks.tensorboard import writers
from datamodules.supervised import SupervisedDataModule
from lightning_modules.supervised import SupervisedModule


class ValidationPictures(Callback):
    """Show in TensorBoard how the best epoch's predictions of the validation rows look.

    Classes: a confusion matrix and curves of precision and recall; labels: how often each is found;
    numbers: predicted against true, and the errors. Beside them the worst rows, as images or as a
    table. Each epoch only keeps what the module returned, at most ``MOST_ROWS`` rows; to draw each
    time would take longer than the epoch.

    A run that went on from a checkpoint and got no better shows its last epoch.

    Args:
        best: knows which epoch is the best; it must come first among the callbacks.
    """

    def __init__(self, best: BestEpoch) -> None:
        self.best = best
        self.coming: KeptRows | None = None
        self.kept: KeptRows | None = None
        self.is_best = False
        self.epoch = 0
        self.step = 0

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin another run."""
        self.coming = self.kept = None
        self.is_best = False

    def on_validation_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start with no rows, where there is anything to show them with."""
        self.coming = None
        if (
            trainer.sanity_checking
            or trainer.state.fn != TrainerFn.FITTING
            or not _can_show(trainer)
        ):
            return
        if isinstance(pl_module, SupervisedModule):
            self.coming = KeptRows(sum(trainer.num_val_batches), trainer.world_size)

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep one batch."""
        if self.coming is not None and isinstance(outputs, Mapping):
            self.coming.add(outputs)  # type: ignore[arg-type]

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Keep the rows if they are the best epoch's, or none were the best yet."""
        better = self.best.epoch == trainer.current_epoch
        if better or not self.is_best:
            self.kept, self.is_best = self.coming, better
            self.epoch, self.step = trainer.current_epoch, trainer.global_step - 1

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw."""
        if not isinstance(pl_module, SupervisedModule) or not _can_show(trainer):
            return
        kept, self.kept, self.coming = self.kept, None, None
        rows = gathered(kept.rows() if kept else None, trainer.world_size)
        if not trainer.is_global_zero:
            return
        judged = judge(pl_module, rows) if rows else None
        if judged is None:
            return
        from callbacks.pictures.shown import show

        datamodule = trainer.datamodule  # type: ignore[attr-defined]
        ours = datamodule if isinstance(datamodule, SupervisedDataModule) else None
        title = f"{len(judged.index)} validation rows, epoch {self.epoch + 1}"
        for writer in writers(trainer):
            show(writer, judged, ours, title, self.step)


def judge(module: SupervisedModule, rows: Rows) -> Judged | None:
    """Return rows with the module's predictions; those without finite logits are left out.

    There is nothing to show of a module without classes' probabilities.

    Args:
        module: whose logits these are.
        rows: on the CPU.
    """
    spec = module.spec.target
    rows = rows.take(rows.logits.isfinite().all(dim=1))
    if spec is None or not len(rows.index):
        return None
    with torch.no_grad():
        told = module.predictions(rows.logits.to(module.device))
    told = {name: values.float().cpu() for name, values in told.items()}
    prediction = told["prediction"]
    if spec.kind != "regression":
        if "probability" not in told:
            return None
        prediction = prediction.long()
    return Judged(spec, rows.index, rows.target, prediction, told.get("probability"))


def _can_show(trainer: Trainer) -> bool:
    """Tell the same on every rank, for all must gather or none."""
    return any(isinstance(logger, TensorBoardLogger) for logger in trainer.loggers)
