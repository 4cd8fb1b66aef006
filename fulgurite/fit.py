"""``fulgurite fit``: train a model."""

import time
from pathlib import Path

import lightning as L

from callbacks.best_epoch import BestEpoch
from fulgurite.experiment import Experiment
from fulgurite.report import Report, tell
from fulgurite.run_folder import find_checkpoint, new_run


def fit(experiment: Experiment, ckpt_path: str | None = None) -> Report:
    """Train, and say where the run is and how its best epoch did.

    Args:
        experiment: what to train.
        ckpt_path: a checkpoint or run folder whose training goes on, in a run of its own.

    Raises:
        UserError: the config, the data or the checkpoint is wrong.
    """
    resumed = None if ckpt_path is None else find_checkpoint(ckpt_path)
    run = new_run(experiment.name)
    trainer, module, datamodule = experiment.build(run)
    if trainer.is_global_zero:
        experiment.save(run / "config.yaml")
        tell(getattr(datamodule, "notes", []))
    begun = time.monotonic()
    trainer.fit(module, datamodule, ckpt_path=resumed, weights_only=True)
    best = _best(trainer)
    facts = {"run": run, "seconds": round(time.monotonic() - begun, 1)}
    if best.epoch is not None:
        facts |= {"best_epoch": best.epoch + 1}
    return Report("trained", facts, best.figures, _next_steps(run))


def _best(trainer: L.Trainer) -> BestEpoch:
    callbacks = trainer.callbacks  # type: ignore[attr-defined]
    return next(callback for callback in callbacks if isinstance(callback, BestEpoch))


def _next_steps(run: Path) -> list[tuple[str, str]]:
    return [
        (f"fulgurite test --ckpt_path {run}", "the best weights on rows that nothing has seen"),
        (f"fulgurite predict --ckpt_path {run} --data.source FILE", "predict rows of a new file"),
        (f"tensorboard --logdir {run.parent}", "look at the curves"),
    ]
