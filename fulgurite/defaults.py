"""What every run has unless the user says otherwise."""

from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import (
    Callback,
    EarlyStopping,
    LearningRateMonitor,
    ModelCheckpoint,
)
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger

from callbacks.best_epoch import BestEpoch
from callbacks.progress import EpochProgress
from callbacks.reproducible import Reproducible
from callbacks.training_loss import TrainingLoss
from callbacks.weighted_shards import WeightedShards

TRAINER: dict[str, Any] = {
    "max_epochs": 30,
    "enable_model_summary": False,
    "num_sanity_val_steps": 0,  # the first validation comes soon enough, and tells the same
    "use_distributed_sampler": False,  # loaders divide rows over the processes themselves
    "log_every_n_steps": 50,
}
EARLY_STOPPING = {
    "class_path": "lightning.pytorch.callbacks.EarlyStopping",
    "init_args": {"monitor": "val/loss", "patience": 10},
}
CHECKPOINT = {
    "class_path": "lightning.pytorch.callbacks.ModelCheckpoint",
    "init_args": {"monitor": "val/loss", "filename": "best", "enable_version_counter": False},
}


def default_loggers(run: Path) -> list[Logger]:
    """Return TensorBoard and CSV, into the run folder itself."""
    return [
        TensorBoardLogger(save_dir=run, name="", version=""),
        CSVLogger(save_dir=run, name="", version=""),
    ]


def default_callbacks(trainer: Any, best: ModelCheckpoint | None) -> list[Callback]:
    """Return what watches every run, less what the trainer's settings switch off.

    Args:
        trainer: the settings, as parsed.
        best: which weights are the best.
    """
    ranked = BestEpoch(best.monitor or "", best.mode) if best else BestEpoch()
    callbacks: list[Callback] = [Reproducible(), WeightedShards(), TrainingLoss(), ranked]
    if trainer.enable_progress_bar is not False:
        callbacks.append(EpochProgress())
    if trainer.logger is not False:
        callbacks.append(LearningRateMonitor(logging_interval="epoch"))
    return callbacks


def stopping_and_checkpoints(
    run: Path, stopping: EarlyStopping | None, best: ModelCheckpoint | None, validated: bool
) -> list[Callback]:
    """Return early stopping and the checkpoints ``best`` and ``last``.

    Best and last are two callbacks: one that saves by steps would rank by a figure of an earlier
    validation.

    Args:
        run: the run folder.
        stopping: as the user wants it.
        best: as the user wants it; ``None`` saves none at all.
        validated: whether there are validation rows, without which there is no best.
    """
    chosen: list[Callback] = [stopping] if stopping is not None and validated else []
    if best is None:
        return chosen
    folder = run / "checkpoints"
    if validated:
        best.dirpath = str(folder) if best.dirpath is None else best.dirpath
        chosen.append(best)
    last = ModelCheckpoint(folder, filename="last", enable_version_counter=False, save_top_k=1)
    return [*chosen, last]
