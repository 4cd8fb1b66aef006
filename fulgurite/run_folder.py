"""Where a run keeps what it makes: ``runs/<config name>/<number>``."""

import contextlib
import os
import shutil
from pathlib import Path

from datamodules.errors import UserError
from fulgurite.processes import is_child

ROOT = Path("runs")
VARIABLE = "FULGURITE_RUN"
"""Hands the folder of rank zero to the processes that it starts."""


def new_run(name: str, root: Path = ROOT) -> Path:
    """Make the next free folder of a name, once for all processes of a run.

    Args:
        name: of the config.
        root: below which all runs are kept.
    """
    if is_child() and VARIABLE in os.environ:
        return Path(os.environ[VARIABLE])
    parent = root / name
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"No run can be kept in '{parent}': {error.strerror or error}.") from error
    number = max((int(p.name) for p in parent.iterdir() if p.name.isdigit()), default=-1) + 1
    while True:
        folder = parent / str(number)
        try:
            folder.mkdir()  # fails where another process was faster
            break
        except FileExistsError:
            number += 1
        except FileNotFoundError:  # another process took back its own, which was the only one
            parent.mkdir(parents=True, exist_ok=True)
    os.environ[VARIABLE] = str(folder.absolute())
    return folder


def discard(folder: Path) -> None:
    """Take back the folder of a run that could not begin, unless there is something in it."""
    with contextlib.suppress(OSError):  # one that holds something stays
        for each in (folder, folder.parent, folder.parent.parent):
            each.rmdir()


def abandon(folder: Path) -> None:
    """Take back the folder of a run that ended before its first step, with all that is in it."""
    if not has_checkpoint(folder):
        shutil.rmtree(folder, ignore_errors=True)
        discard(folder)


def point_latest_to(folder: Path) -> None:
    """Let ``runs/latest`` name the newest run; a file system without links goes without."""
    link = folder.parent.parent / "latest"
    fresh = link.with_name(f".latest-{os.getpid()}")
    try:
        fresh.symlink_to(folder.relative_to(link.parent), target_is_directory=True)
        fresh.replace(link)
    except OSError:
        fresh.unlink(missing_ok=True)


def has_checkpoint(run: Path) -> bool:
    """Tell whether a run has kept any weights."""
    return any((run / "checkpoints").glob("*.ckpt"))


def all_runs(root: Path = ROOT) -> list[Path]:
    """Return every run folder, the one that was started or written last at the end."""
    times: dict[Path, float] = {}
    for mark in ("config.yaml", "checkpoints/*.ckpt"):
        for path in root.glob(f"*/*/{mark}"):
            run = path.parents[mark.count("/")]
            if not run.parent.is_symlink():  # `latest` would be a run of its own
                times[run] = max(times.get(run, 0.0), path.stat().st_mtime)
    return sorted(times, key=lambda run: (times[run], run.name))


def known_runs(root: Path = ROOT) -> list[Path]:
    """Return the run folders that have a checkpoint, in the order of :func:`all_runs`."""
    return [run for run in all_runs(root) if has_checkpoint(run)]


def run_of(checkpoint: Path) -> Path | None:
    """Return the run folder that a checkpoint lies in, if it has a config.

    The path is from here where that is below, as the user would type it.
    """
    folder, here = checkpoint.resolve().parent.parent, Path.cwd().resolve()
    if not (folder / "config.yaml").is_file():
        return None
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
