"""``--resume``: go on with a run, in its own folder and with its own settings."""

from dataclasses import replace
from typing import Any

import lightning as L
import yaml

from datamodules.errors import UserError
from datamodules.supervised import SupervisedDataModule
from fulgurite.arguments import Arguments
from fulgurite.checkpoints import find_checkpoint, read_checkpoint
from fulgurite.configs import Loader
from fulgurite.experiment import Experiment
from fulgurite.outcome import INTERRUPTED, STOPPED_EARLY, Outcome, read_outcome
from fulgurite.report import tell
from fulgurite.run_folder import run_of
from fulgurite.tree import leaves

SOURCE = ("data", "source")
"""May have moved: whether its rows are the same is told by their fingerprint."""
LIMITS = {("trainer", "max_epochs"), ("trainer", "max_steps"), ("trainer", "max_time")}
"""Settings that may grow: how long a run lasts."""


class ResumedRun:
    """A run that goes on from its last checkpoint.

    Args:
        given: a run, a checkpoint in one, or ``last``.

    Raises:
        UserError: there is no such run, or its checkpoint cannot be read.
    """

    def __init__(self, given: str) -> None:
        self.checkpoint = find_checkpoint(given, prefer="last")
        folder = run_of(self.checkpoint)
        if folder is None:
            raise UserError(
                f"'{self.checkpoint}' lies in no run folder, so there is no run to go on with: "
                f"--init_from {given} begins a new one with its weights."
            )
        self.folder = folder
        self.config = folder / "config.yaml"
        self.state = read_checkpoint(self.checkpoint)
        self.outcome = read_outcome(folder)
        self.longer = False

    @property
    def seconds(self) -> float:
        """How long the run has trained, as far as it could say."""
        return self.outcome.seconds if self.outcome else 0.0

    @property
    def step(self) -> int:
        """The optimizer steps that were done."""
        return int(self.state["global_step"])

    def experiment(self, arguments: Arguments) -> Experiment:
        """Return the run's own experiment, with its end moved if the user says so.

        Args:
            arguments: what the user typed beside ``--resume``.

        Raises:
            UserError: they change more than the end.
        """
        experiment = Experiment(replace(arguments, configs=(self.config, *arguments.configs)))
        before = _leaves(self.config.read_text(encoding="utf-8"))
        after = _leaves(experiment.dump())
        for path in sorted(before.keys() | after.keys()):
            old, new = before.get(path), after.get(path)
            if old == new or path[:2] == SOURCE:
                continue
            name = ".".join(path)
            if path[:2] not in LIMITS:
                raise UserError(
                    f"--{name}: the run in '{self.folder}' has {old!r}, and a run that goes on "
                    f"cannot change to {new!r}. A new run with its weights: --init_from "
                    f"{self.folder}."
                )
            if not _grows(old, new):
                has = "no such limit" if old is None else f"{old} already"
                raise UserError(f"--{name} {new}: the run has {has}; it can only grow.")
            self.longer = True
        return experiment

    def restore(self, datamodule: L.LightningDataModule) -> None:
        """Give a datamodule of ours what training fixed, before its rows are prepared.

        What was fitted on them, or read from files that may be gone, is in the checkpoint. A
        user's own datamodule is given its state by Lightning.

        Raises:
            UserError: the source holds other data.
        """
        state = self.state.get(type(datamodule).__qualname__)
        if state is not None and isinstance(datamodule, SupervisedDataModule):
            datamodule.go_on(state)

    def finished(self) -> Outcome | None:
        """Return the run's outcome if nothing is left to do, and say so."""
        outcome = self.outcome
        if outcome is None or outcome.ended == INTERRUPTED:
            return None
        if self.longer and outcome.ended != STOPPED_EARLY:
            return None
        more = "; a larger --trainer.max_epochs lets it go on"
        mend = "" if outcome.ended == STOPPED_EARLY else more
        epochs = int(self.state["epoch"]) + 1
        tell([f"'{self.folder}' is finished after {epochs} epochs: {outcome.ended}{mend}"], "run")
        return outcome


def _leaves(text: str) -> dict[tuple[str, ...], Any]:
    return dict(leaves(yaml.load(text, Loader)))


def _grows(old: Any, new: Any) -> bool:
    """Tell whether a limit is moved further away; none at all is the furthest."""
    if new in (None, -1):
        return True
    if old in (None, -1):
        return False
    if isinstance(old, int) and isinstance(new, int):
        return new > old
    return _seconds(str(new)) > _seconds(str(old))


def _seconds(duration: str) -> float:
    """Return a duration, ``DD:HH:MM:SS``, in seconds; one of keys such as ``hours`` has numbers."""
    parts = [float(part) for part in duration.split(":")]
    return sum(part * unit for part, unit in zip(parts[::-1], (1, 60, 3600, 86400), strict=False))
