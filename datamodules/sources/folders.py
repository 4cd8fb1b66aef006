"""Which image files a folder holds, and of which class each is."""

import os
from dataclasses import dataclass, field
from pathlib import Path

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
    flat = sorted(path for path in root.iterdir() if path.is_file() and _is_image(path))
    folders = sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    by_class = {folder.name: _images_below(folder) for folder in folders}
    if not any(by_class.values()):
        if not flat:
            raise UserError(f"'{source}' holds no images ({', '.join(SUFFIXES)}).")
        return ImageFiles(flat, [path.name for path in flat])
    refuse_splits(source, folders)
    paths = [path for found in by_class.values() for path in found]
    labels = [name for name, found in by_class.items() for _ in found]
    names = [path.relative_to(root).as_posix() for path in paths]
    return ImageFiles(paths, names, labels, _notes(source, flat, by_class))


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _images_below(folder: Path) -> list[Path]:
    found = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(where, name) for name in files if _is_image(Path(name))]
    return sorted(found)


def refuse_splits(source: str, folders: list[Path]) -> None:
    """Raise UserError where folders are called train, test and such, and hold the classes."""
    names = {folder.name.lower() for folder in folders}
    if names <= SPLITS and any(path.is_dir() for folder in folders for path in folder.iterdir()):
        raise UserError(
            f"The folders in '{source}' are splits ({', '.join(f.name for f in folders)}), not "
            f"classes: name the one to learn from, such as '{folders[0]}'; it is split anew."
        )


def _notes(source: str, flat: list[Path], by_class: dict[str, list[Path]]) -> list[str]:
    notes = []
    if flat:
        notes.append(
            f"Images in '{source}' that lie in no class folder were left out: {len(flat)} "
            f"(first: '{flat[0].name}')."
        )
    empty = [name for name, found in by_class.items() if not found]
    if empty:
        notes.append(f"Folders in '{source}' without images are no classes: {', '.join(empty)}.")
    return notes
