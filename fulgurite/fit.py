"""``fulgurite fit``: train a model."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
from lightning.fabric.utilities.exceptions import MisconfigurationException

from callbacks.best_epoch import BestEpoch
from datamodules.errors import UserError, unknown
from datamodules.supervised import SupervisedDataModule
from fulgurite.board import EVENTS
from fulgurite.check import PreparedAudit, write_findings
from fulgurite.checkpoints import not_of_this_model
from fulgurite.commands import ENDED_BY_CTRL_C
from fulgurite.data_report import write_data_report
from fulgurite.experiment import Built, Experiment
from fulgurite.initial_weights import InitialWeights
from fulgurite.outcome import INTERRUPTED, Outcome, forget_outcome, how_it_ended
from fulgurite.processes import is_child
from fulgurite.provenance import add_resume, write_provenance
from fulgurite.rebuilt import rebuilding
from fulgurite.report import Report, tell
from fulgurite.resume import ResumedRun
from fulgurite.run_folder import abandon, discard, has_checkpoint, new_run, point_latest_to
from lightning_modules.supervised import SupervisedModule


@dataclass(frozen=True)
class Start:
    """Where training begins, if not at random weights in a new run.

    Attributes:
        resumed: the run that goes on.
        weights: that a new run begins with.
    """

    resumed: ResumedRun | None = None
    weights: InitialWeights | None = None


def fit(experiment: Experiment, start: Start = Start()) -> Report:
    """Train, and say where the run is and how its best epoch did.

    Args:
        experiment: what to train.
        start: where training begins.

    Raises:
        UserError: the config, the data or the checkpoint is wrong.
    """
    resumed = start.resumed
    if resumed is not None and (done := resumed.finished()) is not None:
        return _report(resumed.folder, done)
    run = new_run(experiment.name) if resumed is None else resumed.folder
    begun = time.monotonic()
    look = PreparedAudit(cheap=True)
    trainer, module, datamodule = _built(experiment, run, start, look)
    if trainer.is_global_zero:
        experiment.save(run / "config.yaml")
        if resumed:
            forget_outcome(run)  # it ends once more, and other processes must not take it for over
            add_resume(run)
        else:
            _record(run, experiment, module, datamodule, look)
        tell(getattr(datamodule, "notes", []))
        tell(_of_weights(start, module), "weights")
    try:
        ended = _train(trainer, module, datamodule, resumed, run)
        if ended == INTERRUPTED and trainer.global_step == 0:
            raise KeyboardInterrupt
    except (UserError, KeyboardInterrupt):
        if resumed is None and trainer.is_global_zero and trainer.global_step == 0:
            abandon(run)
        raise
    best = _best(trainer)
    seconds = round(time.monotonic() - begun + (resumed.seconds if resumed else 0.0), 1)
    outcome = Outcome(ended, None if best.epoch is None else best.epoch + 1, best.figures, seconds)
    if trainer.is_global_zero:
        outcome.write(run)
    _refuse_divergence(best, run)
    return _report(run, outcome)


def _record(
    run: Path,
    experiment: Experiment,
    module: L.LightningModule,
    datamodule: L.LightningDataModule,
    look: PreparedAudit,
) -> None:
    """Write down what a new run is made from, and what was found in it."""
    write_provenance(run, experiment, module, datamodule)
    write_data_report(run, datamodule)
    write_findings(run, look)


def _of_weights(start: Start, module: L.LightningModule) -> list[str]:
    """Return what is told of the weights that training begins with."""
    if start.resumed is not None:
        return []
    if start.weights is not None:  # which came in the place of all others
        return [*start.weights.notes, *getattr(getattr(module, "adapter", None), "notes", [])]
    notes: list[str] = getattr(module, "notes", [])
    return notes


def _report(run: Path, outcome: Outcome) -> Report:
    facts: dict[str, Any] = {"run": run, "seconds": outcome.seconds}
    if outcome.best_epoch is not None:
        facts["best_epoch"] = outcome.best_epoch
    status = ENDED_BY_CTRL_C if outcome.ended == INTERRUPTED else 0
    title = f"trained ({outcome.ended})"
    return Report(title, facts, outcome.metrics, _next_steps(run, outcome), status)


def _refuse_divergence(best: BestEpoch, run: Path) -> None:
    """Raise UserError if even the best epoch has a loss that is no number."""
    for name in ("val/loss", "train/loss"):
        if not math.isfinite(best.figures.get(name, 0.0)):
            raise UserError(
                f"Training diverged: in its best epoch {name} is {best.figures[name]}. Try a lower "
                f"--model.optimizer.lr or --trainer.gradient_clip_val 1. The run is in '{run}'."
            )


def _built(experiment: Experiment, run: Path, start: Start, look: PreparedAudit) -> Built:
    """Build for a run; a new one that cannot begin leaves no folder behind."""
    resumed = start.resumed
    looked = None if is_child() else look
    config, typed = experiment.config, experiment.arguments.typed
    try:
        built = experiment.build(
            rebuilding(resumed.state, config, typed) if resumed else None,
            run=run,
            from_step=resumed.step if resumed else 0,
            prepare=resumed.restore if resumed else looked,
        )
        _refuse_unknown_monitors(experiment, built[1])
        _refuse_other_batches(experiment, built[2])
        if start.weights is not None:
            start.weights.load_into(built[1])
    except BaseException:
        if resumed is None and not is_child():
            discard(run)
        raise
    return built


def _refuse_other_batches(experiment: Experiment, datamodule: L.LightningDataModule) -> None:
    """Raise UserError where Lightning would put batches of its own in the place of ours."""
    if isinstance(datamodule, SupervisedDataModule) and experiment.config.trainer.overfit_batches:
        raise UserError(
            f"{experiment.arguments.where(('trainer', 'overfit_batches'))}: the data cut their own "
            f"batches, which this would replace by single rows. To learn a few batches by heart: "
            f"--trainer.limit_train_batches 1 --early_stopping null."
        )


def _refuse_unknown_monitors(experiment: Experiment, module: L.LightningModule) -> None:
    """Raise UserError for a figure that nothing logs, before an epoch is spent to find out.

    A user's callback or model may log figures of its own.
    """
    config = experiment.config
    if not isinstance(module, SupervisedModule) or config.trainer.callbacks:
        return
    for key in ("early_stopping", "checkpoint"):
        monitor = config.get(f"{key}.init_args.monitor")
        if monitor is not None and monitor not in module.figures:
            place = experiment.arguments.where((key, "monitor"))
            raise UserError(f"{place}: {unknown('figure', monitor, module.figures)}")


def _train(
    trainer: L.Trainer,
    module: L.LightningModule,
    datamodule: L.LightningDataModule,
    resumed: ResumedRun | None,
    run: Path,
) -> str:
    """Train to the end or to an interruption, and return how it ended."""
    checkpoint = None if resumed is None else resumed.checkpoint
    try:
        trainer.fit(module, datamodule, ckpt_path=checkpoint, weights_only=True)
    except SystemExit:  # Lightning's way to leave after Ctrl-C
        if not trainer.interrupted:
            raise
    except (MisconfigurationException, RuntimeError) as error:
        raise _mistake_behind(error, checkpoint) or error from error
    finally:
        if trainer.is_global_zero and has_checkpoint(run):
            point_latest_to(run)
    return how_it_ended(trainer)


def _mistake_behind(error: Exception, checkpoint: Path | None) -> UserError | None:
    """Return the user's mistake that Lightning tells in an error of another kind."""
    text = str(error)
    if isinstance(error, MisconfigurationException):
        return UserError(text)
    if checkpoint is not None and text.startswith("Error(s) in loading state_dict"):
        return not_of_this_model(checkpoint, error)
    return UserError(text) if text.startswith("Early stopping conditioned on metric") else None


def _best(trainer: L.Trainer) -> BestEpoch:
    callbacks = trainer.callbacks  # type: ignore[attr-defined]
    return next(callback for callback in callbacks if isinstance(callback, BestEpoch))


def _next_steps(run: Path, outcome: Outcome) -> list[tuple[str, str]]:
    curves = [(f"fulgurite board {run.parent.name}", "look at the curves, beside earlier runs")]
    if not any(run.glob(EVENTS)):
        curves = []
    if not has_checkpoint(run):
        return curves
    steps = [
        (f"fulgurite test --ckpt_path {run}", "the best weights on rows that nothing has seen"),
        (f"fulgurite predict --ckpt_path {run} --data.source FILE", "predict rows of a new file"),
        *curves,
    ]
    if outcome.ended == INTERRUPTED:
        steps.insert(0, (f"fulgurite fit --resume {run}", "go on from the last checkpoint"))
    return steps
