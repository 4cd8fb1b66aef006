"""``fulgurite fit``: train a model."""

import math
import time
from pathlib import Path

import lightning as L
from lightning.fabric.utilities.exceptions import MisconfigurationException

from callbacks.best_epoch import BestEpoch
from datamodules.errors import UserError
from fulgurite.experiment import Experiment
from fulgurite.processes import is_child
from fulgurite.provenance import write_provenance
from fulgurite.report import Report, tell
from fulgurite.run_folder import (
    discard,
    find_checkpoint,
    has_checkpoint,
    new_run,
    point_latest_to,
)
from fulgurite.trained import not_of_this_model, read_checkpoint


def fit(experiment: Experiment, ckpt_path: str | None = None) -> Report:
    """Train, and say where the run is and how its best epoch did.

    Args:
        experiment: what to train.
        ckpt_path: a checkpoint or run folder whose training goes on, in a run of its own.

    Raises:
        UserError: the config, the data or the checkpoint is wrong.
    """
    resumed = None if ckpt_path is None else find_checkpoint(ckpt_path, prefer="last")
    if resumed is not None:
        read_checkpoint(resumed)  # says what is wrong with it, if anything is
    run = new_run(experiment.name)
    begun = time.monotonic()
    trainer, module, datamodule = _built(experiment, run)
    if trainer.is_global_zero:
        experiment.save(run / "config.yaml")
        write_provenance(run, experiment.configs)
        tell(getattr(datamodule, "notes", []))
    try:
        _train(trainer, module, datamodule, resumed)
    finally:
        if trainer.is_global_zero and has_checkpoint(run):
            point_latest_to(run)
    best = _best(trainer)
    _refuse_divergence(best, run)
    facts = {"run": run, "seconds": round(time.monotonic() - begun, 1)}
    if best.epoch is not None:
        facts |= {"best_epoch": best.epoch + 1}
    return Report("trained", facts, best.figures, _next_steps(run))


def _refuse_divergence(best: BestEpoch, run: Path) -> None:
    """Raise UserError if even the best epoch has a loss that is no number."""
    for name in ("val/loss", "train/loss"):
        if not math.isfinite(best.figures.get(name, 0.0)):
            raise UserError(
                f"Training diverged: in its best epoch {name} is {best.figures[name]}. Try a lower "
                f"--model.optimizer.lr or --trainer.gradient_clip_val 1. The run is in '{run}'."
            )


def _built(
    experiment: Experiment, run: Path
) -> tuple[L.Trainer, L.LightningModule, L.LightningDataModule]:
    """Build for a new run; one that cannot begin leaves no folder behind."""
    try:
        return experiment.build(run)
    except Exception:
        if not is_child():
            discard(run)
        raise


def _train(
    trainer: L.Trainer,
    module: L.LightningModule,
    datamodule: L.LightningDataModule,
    resumed: Path | None,
) -> None:
    try:
        trainer.fit(module, datamodule, ckpt_path=resumed, weights_only=True)
    except MisconfigurationException as error:
        raise UserError(str(error)) from error
    except RuntimeError as error:
        if resumed is not None and str(error).startswith("Error(s) in loading state_dict"):
            raise not_of_this_model(resumed, error) from error
        if str(error).startswith("Early stopping conditioned on metric"):
            raise UserError(str(error)) from error
        raise


def _best(trainer: L.Trainer) -> BestEpoch:
    callbacks = trainer.callbacks  # type: ignore[attr-defined]
    return next(callback for callback in callbacks if isinstance(callback, BestEpoch))


def _next_steps(run: Path) -> list[tuple[str, str]]:
    curves = (f"tensorboard --logdir {run.parent}", "look at the curves")
    if not has_checkpoint(run):
        return [curves]
    return [
        (f"fulgurite test --ckpt_path {run}", "the best weights on rows that nothing has seen"),
        (f"fulgurite predict --ckpt_path {run} --data.source FILE", "predict rows of a new file"),
        curves,
    ]
