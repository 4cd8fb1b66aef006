"""Checkpoints: which one is meant, how it is read, and how it is written whole."""

import copy
import difflib
import math
import time
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor, nn

from datamodules.errors import UserError
from datamodules.files import written_whole
from datamodules.plain_load import load_plain
from fulgurite.run_folder import ROOT, all_runs, has_checkpoint, point_latest_to

WORDS_FOR_NEWEST = ("last", "latest")


PAUSE = 10.0
"""Seconds between two writings of a frozen network."""


class RunCheckpoints(TorchCheckpointIO):
    """Write each checkpoint whole or not at all; the run that has one is the latest.

    Where a head is trained alone, an epoch may take less time than it takes to write the network
    below it. A checkpoint that is saved soon after another was written then waits in memory, which
    takes as much as the head, for the next that is not, or for the end of training, however it
    ends. What a killed process loses are seconds.

    Args:
        run: the run folder.
        frozen: what training leaves as it is to the last bit, if anything.
    """

    def __init__(self, run: Path, frozen: nn.Module | None = None) -> None:
        self.run = run
        self.frozen = frozen
        self.waiting: dict[Path, dict[str, Any]] = {}
        self.written = -math.inf

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        """Write one checkpoint, now or a little later."""
        path = Path(path)
        # the first of each is written, so that a run that has begun can be gone on with
        if self.frozen is not None and path.exists() and time.monotonic() < self.written + PAUSE:
            self.waiting[path] = _kept(checkpoint, self.frozen)
            return
        self.waiting[path] = checkpoint
        self.flush()

    def load_checkpoint(
        self, path: str | Path, map_location: Any = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        """Read one checkpoint."""
        self.flush()
        return super().load_checkpoint(path, map_location, weights_only)

    def remove_checkpoint(self, path: str | Path) -> None:
        """Delete one checkpoint, also one that is not written yet."""
        self.waiting.pop(Path(path), None)
        super().remove_checkpoint(path)

    def teardown(self) -> None:
        """Write what waits: training is over."""
        self.flush()
        super().teardown()

    def flush(self) -> None:
        """Write what waits; the last state of training, which tells of the best, after that."""
        for path in sorted(self.waiting, key=lambda path: path.stem == "last"):
            self._write(self.waiting.pop(path), path)

    def _write(self, checkpoint: dict[str, Any], path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as partial:
            torch.save(checkpoint, partial)
        self.written = time.monotonic()
        point_latest_to(self.run)


def _kept(checkpoint: dict[str, Any], frozen: nn.Module) -> dict[str, Any]:
    """Return a copy that training does not change; what is frozen is not copied."""
    places = {tensor.data_ptr() for tensor in frozen.state_dict().values()}
    tensors: dict[str, Tensor] = checkpoint["state_dict"]
    shared = {id(each): each for each in tensors.values() if each.data_ptr() in places}
    return copy.deepcopy(checkpoint, shared)


def find_checkpoint(given: str | None, prefer: Literal["best", "last"] = "best") -> Path:
    """Return the checkpoint that is meant.

    Args:
        given: a file, a run folder, the name of a run such as ``digits_cnn/0``, a config's name for
            its newest run, or ``last`` for the newest of all, as is ``None``.
        prefer: which of a run folder's: the best is measured, from the last training goes on.

    Raises:
        UserError: there is none.
    """
    path = Path(given or "last").expanduser()
    if path.is_file():
        return path
    folder = path if path.is_dir() else _run_named(given or "last")
    for name in sorted(("best", "last"), key=lambda name: name != prefer):
        candidate = folder / "checkpoints" / f"{name}.ckpt"
        if candidate.is_file():
            other = _best_elsewhere(candidate) if prefer == "best" and name == "last" else None
            return other or candidate
    raise UserError(
        f"'{folder}' holds no checkpoint: checkpoints/best.ckpt and last.ckpt are missing."
    )


def _best_elsewhere(last: Path) -> Path | None:
    """Return the best checkpoint where the user has given it a name or a folder of its own."""
    try:
        callbacks = read_checkpoint(last).get("callbacks", {})
    except UserError:  # which is told where it is read
        return None
    states = [state for state in callbacks.values() if isinstance(state, dict)]
    found = [Path(path) for state in states if (path := state.get("best_model_path"))]
    return next((path for path in found if path.is_file()), None)


def _run_named(given: str) -> Path:
    everything = all_runs()
    runs = [run for run in everything if has_checkpoint(run)]
    newest = everything[-1] if everything and given in WORDS_FOR_NEWEST else None
    if newest is not None and newest not in runs:
        others = f" There are others: {', '.join(map(str, runs[-3:]))}." if runs else ""
        raise UserError(
            f"The newest run '{newest}' has no checkpoint, so there is nothing to go on from. "
            f"Begin it again: fulgurite fit --config {newest / 'config.yaml'}.{others}"
        )
    if not runs:
        asked = (
            "" if given in WORDS_FOR_NEWEST else f"There is no checkpoint or run folder '{given}'. "
        )
        raise UserError(
            f"{asked}There are no runs with a checkpoint below '{ROOT}' yet: "
            f"fulgurite fit --config NAME makes one."
        )
    if newest is not None:
        return newest
    for run in reversed(runs):
        if given in (str(run.relative_to(ROOT)), run.parent.name):
            return run
    names = list(map(str, runs))
    near = difflib.get_close_matches(given, names, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(repr(each) for each in near)}?" if near else ""
    raise UserError(
        f"There is no checkpoint or run folder '{given}'.{hint} There are the runs "
        f"{', '.join(names[-10:])}."
    )


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return a checkpoint's content; it may hold nothing but tensors and plain values.

    Raises:
        UserError: the file is no such checkpoint.
    """
    state = load_plain(path)
    if not isinstance(state, dict) or "state_dict" not in state:
        raise UserError(f"'{path}' is not a checkpoint of a run: it has no 'state_dict'.")
    return state


def not_of_this_model(path: Path, error: Exception) -> UserError:
    """Return what to tell when torch refuses weights: the first of all that does not fit."""
    first = " ".join(str(error).strip().splitlines()[1:2]).strip()
    return UserError(f"'{path}' is not a checkpoint of this model: {first or error}")
