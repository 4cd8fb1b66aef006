"""``fulgurite validate``, ``test`` and ``predict``: what takes a trained run."""

import os
import pickle
from pathlib import Path
from typing import Any, Literal

import lightning as L
import torch

from callbacks.prediction_table import PredictionTable
from datamodules.errors import UserError
from fulgurite.arguments import Arguments
from fulgurite.configs import merged, read_config
from fulgurite.experiment import Experiment
from fulgurite.report import Report, figures_of, tell
from fulgurite.run_folder import ROOT, find_checkpoint, run_of

NAMES = {"validate": "validation rows", "test": "held-out rows"}


class TrainedRun:
    """A checkpoint and the config that it was trained with.

    Args:
        arguments: what the user typed; the run's own config stands below it.
        ckpt_path: a checkpoint or run folder; ``None`` is the latest run.

    Raises:
        UserError: there is no such checkpoint, or it cannot be read.
    """

    def __init__(self, arguments: Arguments, ckpt_path: str | None) -> None:
        self.checkpoint = find_checkpoint(ckpt_path or str(ROOT / "latest"))
        self.state = read_checkpoint(self.checkpoint)
        run = run_of(self.checkpoint)
        if run is not None:
            arguments.tree = merged(read_config(run / "config.yaml"), arguments.tree)
            arguments.configs.append(run / "config.yaml")
        elif not arguments.tree:
            raise UserError(
                f"'{self.checkpoint}' lies in no run folder with a config.yaml: say --config too."
            )
        self.folder = run or self.checkpoint.parent
        self.experiment = Experiment(arguments)

    def build(self) -> tuple[L.Trainer, L.LightningModule, L.LightningDataModule]:
        """Return trainer, module and datamodule as training left them.

        Raises:
            UserError: the checkpoint is of another model.
        """
        trainer, module, datamodule = self.experiment.build(
            self.folder, fitting=False, prepare=self._restore
        )
        try:
            module.load_state_dict(self.state["state_dict"])
        except RuntimeError as error:
            raise not_of_this_model(self.checkpoint, error) from error
        return trainer, module, datamodule

    def _restore(self, datamodule: L.LightningDataModule) -> None:
        state = self.state.get(type(datamodule).__qualname__)
        if state is None:
            raise UserError(
                f"'{self.checkpoint}' was not trained on a {type(datamodule).__qualname__}."
            )
        datamodule.load_state_dict(state)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return a checkpoint's content; it may hold nothing but tensors and plain values.

    Raises:
        UserError: the file is no such checkpoint.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(
            f"'{path}' holds more than tensors and plain values, or is no checkpoint, so it is "
            f"not read: a checkpoint can run any code."
        ) from error
    except Exception as error:  # torch raises many kinds on a file that is none of its own
        raise UserError(f"'{path}' cannot be read as a checkpoint: is it whole?") from error
    if not isinstance(state, dict) or "state_dict" not in state:
        raise UserError(f"'{path}' is not a checkpoint of a run: it has no 'state_dict'.")
    return state


def not_of_this_model(path: Path, error: RuntimeError) -> UserError:
    """Return what to tell when torch refuses weights: the first of all that does not fit."""
    first = " ".join(str(error).strip().splitlines()[1:2]).strip()
    return UserError(f"'{path}' is not a checkpoint of this model: {first or error}")


def measure(run: TrainedRun, part: Literal["validate", "test"]) -> Report:
    """Measure the validation or the held-out rows.

    Args:
        run: what was trained.
        part: whose rows.
    """
    trainer, module, datamodule = run.build()
    getattr(trainer, part)(module, datamodule, verbose=False)
    if trainer.is_global_zero:
        tell(getattr(datamodule, "notes", []))
    if not trainer.callback_metrics:
        raise UserError(f"There are no {NAMES[part]} to measure.")
    facts: dict[str, Any] = {"checkpoint": run.checkpoint}
    split = getattr(datamodule, "split", None)
    if split is not None:
        facts["rows"] = len(split.val if part == "validate" else split.test)
    again = f"fulgurite fit --config {run.folder / 'config.yaml'} --model.optimizer.lr 0.01"
    steps = [(again, "the same with another learning rate")]
    return Report(NAMES[part], facts, figures_of(trainer.callback_metrics), steps)


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


def predict(run: TrainedRun, output: str | None) -> Report:
    """Predict every row of the source and write a CSV file.

    Args:
        run: what was trained.
        output: the file; ``predictions.csv`` in the run folder if ``None``.
    """
    path = writable(Path(output) if output else run.folder / "predictions.csv")
    trainer, module, datamodule = run.build()
    table = PredictionTable(path)
    trainer.callbacks.append(table)  # type: ignore[attr-defined]
    trainer.predict(module, datamodule, return_predictions=False)
    return Report("predicted", {"rows": table.rows, "file": path})
