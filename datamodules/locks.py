"""Locks between processes, which the operating system drops when their holder is killed."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from datamodules.progress import progress

PAUSE = 0.05
"""Seconds between two attempts to get a lock."""

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, *, shared: bool) -> None:
        # No shared locks here; none are needed, since a mapped file cannot be removed.
        if not shared:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int, *, shared: bool) -> None:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


@contextmanager
def alone(path: Path, title: str) -> Iterator[None]:
    """Do something while no other process does it; the others wait, with a bar.

    Args:
        path: of the lock's file, which is made, with its folder, if it is not there.
        title: what a process says while it waits.

    Raises:
        OSError: the file cannot be made, or its file system knows no locks.
    """
    held = _attempt(path)
    if held is None:
        with progress(title):
            while (held := _attempt(path)) is None:
                time.sleep(PAUSE)
    try:
        yield
    finally:
        os.close(held)


@contextmanager
def alone_or_not_at_all(path: Path) -> Iterator[bool]:
    """Tell whether the lock was free; it is held within, if it was."""
    held = _attempt(path)
    try:
        yield held is not None
    finally:
        if held is not None:
            os.close(held)


def shared(path: Path) -> int | None:
    """Say that this process uses a file, until the descriptor is closed or the process ends.

    Returns:
        The descriptor; ``None`` if the file is being removed.

    Raises:
        OSError: the file cannot be opened.
    """
    file = os.open(path, os.O_RDONLY)
    if _locked(file, shared=True) and _still_there(file, path):
        return file
    os.close(file)
    return None


def in_use(path: Path) -> bool:
    """Return whether any process has said that it uses the file."""
    with suppress(FileNotFoundError):
        file = os.open(path, os.O_RDONLY)
        try:
            return not _locked(file, shared=False)
        finally:
            os.close(file)
    return False


def _attempt(path: Path) -> int | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except FileNotFoundError:  # the folder was removed in between
        return None
    if _locked(file, shared=False) and _still_there(file, path):
        return file
    os.close(file)
    return None


def _locked(file: int, *, shared: bool) -> bool:
    try:
        _lock(file, shared=shared)
    except (BlockingIOError, PermissionError):  # the latter on Windows
        return False
    return True


def _still_there(file: int, path: Path) -> bool:
    """Tell whether the file was not removed before its lock was had."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
