"""Which image files a folder holds, and of which class each is."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import polars as pl

from datamodules.errors import UserError
from datamodules.sources.paths import existing_path

SUFFIXES = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"]
SPLITS = {"train", "training", "val", "valid", "validation", "test", "testing"}


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
    """

    paths: list[Path]
    names: list[str]
    labels: list[str] | None = None
    notes: list[str] = field(default_factory=list)
    frame: pl.DataFrame | None = None
    column: str = "path"


class ClassFolders(NamedTuple):
    """Files, with the class of each where each class has a folder, and what was noticed."""

    paths: list[Path]
    labels: list[str] | None
    notes: list[str]


def find_images(source: str) -> ImageFiles:
    """List a folder of class folders, a flat folder of images, or one image; hidden files are not.

    Raises:
        UserError: there is no such path, no image in it, or its folders are splits, not classes.
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
    return ImageFiles(found.paths, names, found.labels, found.notes)


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def class_folders(
    source: str, root: Path, counts: Callable[[Path], bool], what: str
) -> ClassFolders:
    """List the files of a folder of class folders, or of a flat folder; hidden ones are not.

    Args:
        source: as the user wrote it, for messages.
        root: the folder.
        counts: tells whether a file is one of those looked for.
        what: what these are called, such as ``"images"``.

    Raises:
        UserError: the folders are splits, not classes.
    """
    flat = sorted(path for path in root.iterdir() if path.is_file() and _is_seen(path, counts))
    folders = sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    by_class = {folder.name: _files_below(folder, counts) for folder in folders}
    if not any(by_class.values()):
        return ClassFolders(flat, None, [])
    _refuse_splits(source, folders)
    paths = [path for found in by_class.values() for path in found]
    labels = [name for name, found in by_class.items() for _ in found]
    return ClassFolders(paths, labels, _notes(source, what, flat, by_class))


def _is_seen(path: Path, counts: Callable[[Path], bool]) -> bool:
    return counts(path) and not path.name.startswith(".")


def _files_below(folder: Path, counts: Callable[[Path], bool]) -> list[Path]:
    found = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(where, name) for name in files if _is_seen(Path(name), counts)]
    return sorted(found)


def _refuse_splits(source: str, folders: list[Path]) -> None:
    """Raise UserError where folders are called train, test and such, and hold the classes."""
    names = {folder.name.lower() for folder in folders}
    if names <= SPLITS and any(path.is_dir() for folder in folders for path in folder.iterdir()):
        raise UserError(
            f"The folders in '{source}' are splits ({', '.join(f.name for f in folders)}), not "
            f"classes: name the one to learn from, such as '{folders[0]}'; it is split anew."
        )


def _notes(source: str, what: str, flat: list[Path], by_class: dict[str, list[Path]]) -> list[str]:
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
