"""Where work that need not be done twice is kept, and how much of it."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from datamodules.errors import UserError
from datamodules.locks import alone_or_not_at_all, in_use

FOLDER = "FULGURITE_CACHE"
LIMIT = "FULGURITE_CACHE_GB"
DEFAULT_LIMIT = 20.0
"""Gigabytes that are kept where the environment says nothing."""

SPARE = 1_000_000_000
"""Bytes of the disk that are left to others."""

LOCK, USED, PARTIAL = "lock", "used", ".partial"


def cache_folder() -> Path:
    """Return ``$FULGURITE_CACHE``, else the user's own folder for such things on this platform."""
    if folder := os.environ.get(FOLDER):
        return Path(folder).absolute()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) / "fulgurite" if local else Path.home() / "AppData/Local/fulgurite"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/fulgurite"
    xdg = os.environ.get("XDG_CACHE_HOME")
    return Path(xdg) / "fulgurite" if xdg else Path.home() / ".cache/fulgurite"


def cache_limit() -> int:
    """Return how many bytes a cache may keep: ``$FULGURITE_CACHE_GB``, else 20 GB.

    Raises:
        UserError: the variable is no number of gigabytes.
    """
    said = os.environ.get(LIMIT, "")
    try:
        gigabytes = float(said) if said else DEFAULT_LIMIT
    except ValueError:
        gigabytes = -1.0
    if not 0 <= gigabytes < float("inf"):
        raise UserError(f"{LIMIT} is '{said}': it must be a number of gigabytes, such as 20.")
    return int(gigabytes * 1e9)


def say_used(entry: Path) -> None:
    """Remember that an entry, a folder of the cache, was of use just now."""
    with suppress(OSError):  # a cache that can only be read is as good
        (entry / USED).touch()


def make_room(folder: Path, needed: int) -> bool:
    """Remove what builders left that are dead, then the entries that were longest of no use.

    No entry is removed that a process uses or builds; so what is larger than the limit by
    itself is kept until another is built.

    Args:
        folder: of entries, each a folder with a lock.
        needed: bytes that are about to be written.

    Returns:
        Whether the disk has room for so many bytes and some to spare.
    """
    entries = sorted((path for path in folder.iterdir() if path.is_dir()), key=_last_used)
    for entry in entries:
        _remove_partial(entry)
    sizes = {entry: _size(entry) for entry in entries}
    kept, limit = sum(sizes.values()), cache_limit()
    for entry, size in sizes.items():
        if kept + needed <= limit and _has_room(folder, needed):
            break
        if size and _remove(entry):
            kept -= size
    return _has_room(folder, needed)


def _has_room(folder: Path, needed: int) -> bool:
    return shutil.disk_usage(folder).free >= needed + SPARE


def _last_used(entry: Path) -> float:
    with suppress(OSError):
        return (entry / USED).stat().st_mtime
    return 0.0


def _size(entry: Path) -> int:
    size = 0
    for path in _files(entry):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size


def _files(entry: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):  # removed by another process
        yield from (path for path in entry.iterdir() if path.is_file())


def _remove_partial(entry: Path) -> None:
    with suppress(OSError), alone_or_not_at_all(entry / LOCK) as free:
        for path in _files(entry) if free else ():
            if path.name.endswith(PARTIAL):
                path.unlink()


def _remove(entry: Path) -> bool:
    with suppress(OSError), alone_or_not_at_all(entry / LOCK) as free:
        if not free or any(in_use(path) for path in _files(entry) if path.name != LOCK):
            return False
        for path in _files(entry):
            if path.name != LOCK:
                path.unlink()
        shutil.rmtree(entry, ignore_errors=True)
        return True
    return False
