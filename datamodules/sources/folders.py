"""Which image files a folder holds, and of which class each is."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import polars as pl

from datamodules.errors import UserError
from datamodules.sources.paths import existing_path
from datamodules.splits.by_file import FileSplit
from datamodules.splits.part_names import part_of
from datamodules.splits.split import PARTS

SUFFIXES = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"]


@dataclass(frozen=True)
class ImageFiles:
    """N image files.

    Attributes:
        paths: where each file is.
        names: each path below the folder, with ``/``: the same wherever the folder stands. Where a
            table lists the images, its row too, for messages.
        labels: the class of each file; ``None`` where there are no class folders.
        notes: what was noticed, one sentence each.
        frame: the table that lists the images, where one does.
        column: the column that names the image.
        splitter: divides them as their folders do, where these are called train, test and such.
    """

    paths: list[Path]
    names: list[str]
    labels: list[str] | None = None
    notes: list[str] = field(default_factory=list)
    frame: pl.DataFrame | None = None
    column: str = "path"
    splitter: FileSplit | None = None


class ClassFolders(NamedTuple):
    """Files, with the class of each where each class has a folder, and what was noticed.

    ``splitter`` divides them as their folders do, where these are called train, test and such.
    """

    paths: list[Path]
    labels: list[str] | None
    notes: list[str]
    splitter: FileSplit | None = None


def find_images(source: str) -> ImageFiles:
    """List a folder of class folders, a flat folder of images, or one image; hidden files are not.

    Raises:
        UserError: there is no such path, or no image in it.
    """
    root = existing_path(source)
    if root.is_file():
        if root.suffix.lower() not in SUFFIXES:
            raise UserError(
                f"--data.source: '{source}' is not an image: valid suffixes are "
                f"{', '.join(SUFFIXES)}."
            )
        return ImageFiles([root], [root.name])
    found = class_folders(source, root, _is_image, "images")
    if not found.paths:
        raise UserError(f"'{source}' holds no images ({', '.join(SUFFIXES)}).")
    names = [path.relative_to(root).as_posix() for path in found.paths]
    return ImageFiles(found.paths, names, found.labels, found.notes, splitter=found.splitter)


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def class_folders(
    source: str, root: Path, counts: Callable[[Path], bool], what: str
) -> ClassFolders:
    """List the files of a folder of class folders, or of a flat folder; hidden ones are not.

    Class folders may stand in folders called train, val and test, which then say what is held out.

    Args:
        source: as the user wrote it, for messages.
        root: the folder.
        counts: tells whether a file is one of those looked for.
        what: what these are called, such as ``"images"``.
    """
    flat = sorted(path for path in root.iterdir() if path.is_file() and _is_seen(path, counts))
    folders = _folders(root)
    parts = _parts(folders)
    classes = [each for part in folders for each in _folders(part)] if parts else folders
    files = [_files_below(folder, counts) for folder in classes]
    if not any(files):
        return ClassFolders(flat, None, [])
    paths = [path for found in files for path in found]
    by_class = [(folder.name, len(found)) for folder, found in zip(classes, files, strict=True)]
    labels = [name for name, found in by_class for _ in range(found)]
    notes = _notes(source, what, flat, dict(sorted(by_class, key=lambda each: each[1])))
    return ClassFolders(paths, labels, notes, _as_split(folders, parts))


def _folders(root: Path) -> list[Path]:
    return sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))


def _parts(folders: list[Path]) -> list[int]:
    """Return the part that each folder is called after; none where one is not or has no classes."""
    parts = [part for folder in folders if (part := part_of(folder.name)) is not None]
    return parts if len(parts) == len(folders) and any(map(_folders, folders)) else []


def _as_split(folders: list[Path], parts: list[int]) -> FileSplit | None:
    """Return the split that folders say; ``None`` where all or none is for training."""
    train, val, test = (
        [f"{folder.name}/*" for folder, part in zip(folders, parts, strict=False) if part == place]
        for place in range(len(PARTS))
    )
    return FileSplit(train, test, val or 0.15) if train and (val or test) else None


def _is_seen(path: Path, counts: Callable[[Path], bool]) -> bool:
    return counts(path) and not path.name.startswith(".")


def _files_below(folder: Path, counts: Callable[[Path], bool]) -> list[Path]:
    found = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(where, name) for name in files if _is_seen(Path(name), counts)]
    return sorted(found)


def _notes(source: str, what: str, flat: list[Path], by_class: dict[str, int]) -> list[str]:
    notes = []
    if flat:
        notes.append(
            f"{what.capitalize()} in '{source}' that lie in no class folder were left out: "
            f"{len(flat)} (first: '{flat[0].name}')."
        )
    empty = [name for name, found in by_class.items() if not found]
    if empty:
        notes.append(f"Folders in '{source}' without {what} are no classes: {', '.join(empty)}.")
    return notes
