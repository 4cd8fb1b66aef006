"""What every run has unless the user says otherwise."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonargparse import Namespace
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import Logger

from callbacks.best_epoch import BestEpoch
from callbacks.interruption import Interruption
from callbacks.last_checkpoint import LastCheckpoint
from callbacks.learning_rates import LearningRates
from callbacks.parameter_table import ParameterTable
from callbacks.pictures.validation_pictures import ValidationPictures
from callbacks.progress import EpochProgress
from callbacks.reproducible import Reproducible
from callbacks.settings import Settings
from callbacks.tensorboard import Curves
from callbacks.training_loss import TrainingLoss
from callbacks.weighted_shards import WeightedShards
from fulgurite.hyperparameters import hyperparameters, readable
from fulgurite.metrics_csv import MetricsCSV

TRIGGERS = ("every_n_train_steps", "train_time_interval", "every_n_epochs")
"""When a checkpoint is written: of ``last``, from which training goes on."""


MOMENTS = {
    "early_stopping": "check_on_train_epoch_end",
    "checkpoint": "save_on_train_epoch_end",
}
"""The settings that say whether a figure is looked at after training or after validation."""


def take_triggers(config: Namespace) -> dict[str, Any]:
    """Take out of the settings of the checkpoint what says when ``last`` is written.

    The best weights are known after a validation; one callback that also saves by steps would rank
    by a figure of an earlier one.

    Args:
        config: as parsed, which is changed.
    """
    for key, when in MOMENTS.items():
        settings = config.get(f"{key}.init_args")
        if settings is not None and settings.get(when) is None:
            # there is no figure of validation at the end of an epoch that was not validated
            settings[when] = not str(settings.get("monitor")).startswith("val/")
    arguments = config.get("checkpoint.init_args")
    triggers = {name: arguments.get(name) for name in TRIGGERS} if arguments is not None else {}
    chosen = {name: value for name, value in triggers.items() if value is not None}
    for name in chosen:
        arguments[name] = None
    return chosen


def default_loggers(run: Path, from_step: int = 0) -> list[Logger]:
    """Return TensorBoard and a table, into the run folder itself.

    Args:
        run: the folder.
        from_step: the step from which a resumed run goes on; what was logged after it is void.
    """
    return [Curves(str(run), from_step), MetricsCSV(run / "metrics.csv", from_step)]


def default_callbacks(
    trainer: Any, best: ModelCheckpoint | None, config: Mapping[str, Any] | None
) -> list[Callback]:
    """Return what watches every run, less what the trainer's settings switch off.

    Args:
        trainer: the settings, as parsed.
        best: which weights are the best.
        config: all settings, as plain values, to be logged; ``None`` where nothing is.
    """
    ranked = BestEpoch(best.monitor or "", best.mode) if best else BestEpoch()
    callbacks: list[Callback] = [Reproducible(), WeightedShards(), TrainingLoss(), ranked]
    callbacks.append(ParameterTable())
    if trainer.enable_progress_bar is not False:
        callbacks.append(EpochProgress())
    if config is not None:
        told = Settings(ranked, hyperparameters(config), readable(config))
        callbacks += [LearningRates(), told, ValidationPictures(ranked)]
    return callbacks


def stopping_and_checkpoints(
    run: Path | None,
    stopping: EarlyStopping | None,
    best: ModelCheckpoint | None,
    triggers: dict[str, Any],
    *,
    validated: bool,
) -> list[Callback]:
    """Return early stopping, the checkpoints ``best`` and ``last``, and what hears Ctrl-C.

    Args:
        run: the run folder.
        stopping: as the user wants it.
        best: as the user wants it; ``None`` saves none at all.
        triggers: when ``last`` is written, at the end of each epoch if empty.
        validated: whether there are validation rows, without which there is no best.
    """
    chosen: list[Callback] = [stopping] if stopping is not None and validated else []
    if best is None or run is None:
        return [*chosen, Interruption(None)]
    folder = run / "checkpoints"
    if validated:
        best.dirpath = str(folder) if best.dirpath is None else best.dirpath
        chosen.append(best)
    last = LastCheckpoint(folder / "last.ckpt", **triggers)
    return [*chosen, last, Interruption(last)]
