"""``fulgurite board``: look at runs in TensorBoard."""

import os
import signal
import tempfile
import time
from pathlib import Path
from types import FrameType

from datamodules.errors import UserError, unknown
from fulgurite.run_folder import ROOT

EVENTS = "events.out.tfevents.*"
HOST = "127.0.0.1"
REFRESH = 3.0
"""Seconds between two looks for new runs."""


def board(words: list[str]) -> None:
    """Serve the curves of runs to this machine alone, until Ctrl-C.

    Args:
        words: run folders, or their names below ``runs``; all runs if there are none.

    Raises:
        UserError: there is no such run, or it has no curves.
    """
    for word in words:
        if word.startswith("-"):
            raise UserError(f"board takes no flags such as '{word}', only names of runs.")
    runs = event_folders(words)
    signal.signal(signal.SIGTERM, _leave)
    with tempfile.TemporaryDirectory(prefix="fulgurite-board-") as folder:
        try:
            link_runs(runs, Path(folder))
            print(f"TensorBoard of {_told(runs)}: {_launch(folder)}  (Ctrl-C ends it)", flush=True)
            while True:
                time.sleep(REFRESH)
                link_runs(event_folders(words), Path(folder))
        except KeyboardInterrupt:
            print()


def event_folders(words: list[str], root: Path = ROOT) -> dict[str, Path]:
    """Return the folders with curves by the name to show them under.

    Args:
        words: as the user wrote them.
        root: below which all runs are kept.

    Raises:
        UserError: one of them does not exist, or holds nothing to show.
    """
    if not words and not root.is_dir():
        raise UserError(f"There are no runs below '{root}' yet: fulgurite fit --config NAME.")
    found: dict[str, Path] = {}
    for word in words or [str(root)]:
        folder = find_run(word, root)
        # neither here nor below are links followed, so that `latest` shows no run twice
        runs = sorted({events.parent for events in folder.rglob(EVENTS)})
        if not runs:
            raise UserError(f"'{word}' holds no curves: no file '{EVENTS}' lies in it.")
        found |= {_shown_name(run, root): run for run in runs}
    return found


def find_run(word: str, root: Path = ROOT) -> Path:
    """Return the folder that a user means.

    Args:
        word: a name below the root, or a path.
        root: below which all runs are kept.

    Raises:
        UserError: there is none; names the nearest that there are.
    """
    for folder in (root / word, Path(word).expanduser()):
        if folder.is_dir():
            return folder.resolve()
    runs = {events.parent.relative_to(root) for events in root.glob(f"*/*/{EVENTS}")}
    names = {str(name) for run in runs for name in (run, run.parent)}
    names |= {"latest"} if (root / "latest").is_dir() else set()
    raise unknown("run", word, sorted(names))


def link_runs(runs: dict[str, Path], folder: Path) -> None:
    """Let a folder hold a link to each run, under its name; those that are there stay.

    TensorBoard reads one folder: one that holds just what was asked for.

    Args:
        runs: run folders by the name to show them under.
        folder: which holds the links.

    Raises:
        UserError: links cannot be made here.
    """
    for name, run in runs.items():
        link = folder / name
        if link.is_symlink():
            continue
        link.parent.mkdir(parents=True, exist_ok=True)
        try:
            link.symlink_to(run, target_is_directory=True)
        except OSError as error:
            raise UserError(
                f"Links cannot be made on this machine ({error.strerror or error}): use "
                f"tensorboard --logdir {run.parent} instead."
            ) from error


def _launch(folder: str) -> str:
    """Start TensorBoard in a thread, at the first free port from 6006 on; return its address."""
    # by its own log it would tell of a TensorFlow that is not there
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tensorboard import program

    server = program.TensorBoard()
    # its fast loader prints a page about itself, and gains nothing on files of our size
    server.configure(argv=[None, "--logdir", folder, "--host", HOST, "--load_fast", "false"])
    address: str = server.launch()
    return address


def _shown_name(run: Path, root: Path) -> str:
    home = root.resolve()
    if run.is_relative_to(home):
        return str(run.relative_to(home))
    return "/".join(run.parts[-2:])


def _told(runs: dict[str, Path]) -> str:
    return next(iter(runs)) if len(runs) == 1 else f"{len(runs)} runs"


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
