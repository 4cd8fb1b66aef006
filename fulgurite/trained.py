"""``fulgurite validate``, ``test`` and ``predict``: what takes a trained run."""

import json
import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import lightning as L

from callbacks.prediction_table import PredictionTable
from callbacks.standard_errors import StandardErrors
from datamodules.division import plain
from datamodules.errors import UserError
from datamodules.sources.several import expanded
from datamodules.sources.urls import shown, without_secrets
from datamodules.splits.given import SplitFile
from datamodules.supervised import SupervisedDataModule
from fulgurite.arguments import Arguments
from fulgurite.checkpoints import find_checkpoint, not_of_this_model, read_checkpoint
from fulgurite.experiment import Built, Experiment
from fulgurite.lone_checkpoint import config_within
from fulgurite.looks import Sight, folder_of_runs, model_digits, one_look
from fulgurite.rebuilt import rebuilding
from fulgurite.report import Report, figures_of, tell
from fulgurite.run_folder import run_of
from fulgurite.tree import init_args

NAMES = {"validate": "validation rows", "test": "held-out rows"}


class TrainedRun:
    """A checkpoint and the config that it was trained with.

    Args:
        arguments: what the user typed; the run's own config stands below it. A checkpoint that lies
            in no run folder says itself what it was built from.

    Raises:
        UserError: there is no such checkpoint, or it cannot be read.
    """

    def __init__(self, arguments: Arguments) -> None:
        self.checkpoint = find_checkpoint(arguments.options.get("ckpt_path"))
        self.state = read_checkpoint(self.checkpoint)
        given = arguments.tree  # by the user, not by the run
        run = run_of(self.checkpoint)
        if run is not None:
            arguments = replace(arguments, configs=(run / "config.yaml", *arguments.configs))
        elif not arguments.configs:
            arguments = replace(arguments, base=config_within(self.state, self.checkpoint))
        self.folder = run or self.checkpoint.parent
        self.runs = folder_of_runs(run)
        self.name = str(self.checkpoint if run is None else Path(*run.parts[-2:]))
        self.names_source = "source" in init_args(given.get("data"))
        self.names_split = "split" in init_args(given.get("data"))
        self.experiment = Experiment(arguments)

    def build(self) -> Built:
        """Return trainer, module and datamodule as training left them.

        Raises:
            UserError: the checkpoint is of another model.
        """
        trainer, module, datamodule = self.experiment.build(
            rebuilding(self.state, self.experiment.config, self.experiment.arguments.typed),
            run=self.folder,
            fitting=False,
            prepare=self._restore,
        )
        try:
            module.load_state_dict(self.state["state_dict"])
        except RuntimeError as error:
            raise not_of_this_model(self.checkpoint, error) from error
        return trainer, module, datamodule

    def refuse_other_split(self, datamodule: L.LightningDataModule) -> None:
        """Raise UserError where the user asks for parts that the rows of the run never had."""
        if not self.names_split or not isinstance(datamodule, SupervisedDataModule):
            return
        splitter, trained = datamodule.recipe.splitter, datamodule.trained
        if trained is None or trained.splitter is None or isinstance(splitter, SplitFile | None):
            return
        if plain(splitter) != trained.splitter:
            raise UserError(
                f"--data.split: rows of a trained run keep the parts that they had, so "
                f"{type(splitter).__name__} cannot divide them anew: leave it out, name a file of "
                f"parts, or train a run with it."
            )

    def refuse_changed_source(self, datamodule: L.LightningDataModule) -> None:
        """Raise UserError where the run's own source has changed and its rows are not known again.

        A figure over all of them would pass for one of rows that nothing has seen.
        """
        if self.names_source:
            return
        datamodule.setup("test")
        trained = getattr(datamodule, "trained", None)
        if not getattr(datamodule, "other_data", False) or (trained and trained.seen.telling):
            return
        source = getattr(datamodule, "source", "the source")
        given = source if isinstance(source, str) else json.dumps(source)
        raise UserError(
            f"'{shown(source)}' has changed since the run was trained on it, so it is not known "
            f"which of its rows were held out. To measure all of them, trained on or not, say "
            f"--data.source {shlex.quote(without_secrets(given))}."
        )

    def _restore(self, datamodule: L.LightningDataModule) -> None:
        state = self.state.get(type(datamodule).__qualname__)
        if state is None:
            raise UserError(
                f"'{self.checkpoint}' was not trained on a {type(datamodule).__qualname__}."
            )
        datamodule.load_state_dict(state)


def measure(run: TrainedRun, part: Literal["validate", "test"]) -> Report:
    """Measure the validation or the held-out rows.

    Args:
        run: what was trained.
        part: whose rows.

    Raises:
        UserError: there are no such rows, or the checkpoint is of another model.
    """
    trainer, module, datamodule = run.build()
    run.refuse_other_split(datamodule)
    run.refuse_changed_source(datamodule)
    if part == "test":
        sight = _looked(run, trainer, module, datamodule)
    else:
        sight = Sight()
        trainer.validate(module, datamodule, verbose=False)
    if trainer.is_global_zero:
        tell(getattr(datamodule, "notes", []))
        tell(sight.notes, "ledger")
    if not trainer.callback_metrics:
        raise UserError(f"There are no {NAMES[part]} to measure.")
    other = bool(getattr(datamodule, "other_data", False))
    facts: dict[str, Any] = {"checkpoint": run.checkpoint}
    split = getattr(datamodule, "split", None)
    if split is not None:
        facts["rows"] = len(split.val if part == "validate" else split.test)
    again = f"fulgurite fit --config {run.folder / 'config.yaml'} --model.optimizer.lr 0.01"
    steps = [(again, "the same with another learning rate")]
    title = "rows of other data" if other else NAMES[part]
    report = Report(title, facts, figures_of(trainer.callback_metrics), steps)
    if part == "test":
        report.remarks, report.for_programs = sight.sentences(), sight.as_plain()
    return report


def _looked(
    run: TrainedRun,
    trainer: L.Trainer,
    module: L.LightningModule,
    datamodule: L.LightningDataModule,
) -> Sight:
    """Measure the held-out rows, which counts as a look at them."""
    if not isinstance(datamodule, SupervisedDataModule):
        trainer.test(module, datamodule, verbose=False)
        kind = type(datamodule).__name__
        return Sight(notes=[f"this look is not counted: {kind} does not say what its rows hold"])
    errors = StandardErrors()
    trainer.callbacks.append(errors)  # type: ignore[attr-defined]
    digits = model_digits(run.state["state_dict"])
    with one_look(run.runs, "test", run.name, datamodule.examined(), digits) as sight:
        trainer.test(module, datamodule, verbose=False)
        sight.figures = figures_of(trainer.callback_metrics)
        sight.standard_errors = errors.of(sight.figures)
    return sight


def predict(run: TrainedRun, output: str | None) -> Report:
    """Predict every row of the source and write a CSV file.

    Args:
        run: what was trained.
        output: the file; ``predictions.csv`` in the run folder if ``None``.

    Raises:
        UserError: nothing can be written there, or the checkpoint is of another model.
    """
    path = writable(Path(output) if output else run.folder / "predictions.csv")
    trainer, module, datamodule = run.build()
    if path.exists() and _is_source(path, getattr(datamodule, "source", None)):
        raise UserError(f"--output {output}: this is the source itself, which would be lost.")
    table = PredictionTable(path)
    trainer.callbacks.append(table)  # type: ignore[attr-defined]
    trainer.predict(module, datamodule, return_predictions=False)
    notes = getattr(datamodule, "notes", [])
    if trainer.is_global_zero:
        tell(notes)
    return Report("predicted", {"rows": table.rows, "file": path, **_noticed(notes)})


def _noticed(notes: list[str]) -> dict[str, Any]:
    """Return what a program should know of new rows, where there is anything."""
    return {"noticed": len(notes)} if notes else {}


def _is_source(path: Path, source: Any) -> bool:
    if source is None:
        return False
    files = [Path(name).expanduser() for name in expanded(source)]
    return any(file.is_file() and path.samefile(file) for file in files)


def writable(path: Path) -> Path:
    """Return a path after making its folder.

    Raises:
        UserError: nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"'{path}' cannot be written: {error.strerror or error}.") from error
    if path.is_dir():
        raise UserError(f"'{path}' is a folder: name a file in it, such as '{path}/table.csv'.")
    if not os.access(path.parent, os.W_OK):
        raise UserError(f"'{path}' cannot be written: the folder '{path.parent}' is read-only.")
    return path
