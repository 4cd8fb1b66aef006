"""A folder of text files, one a row."""

import os
from pathlib import Path

import polars as pl

from datamodules.errors import UserError
from datamodules.progress import progress
from datamodules.sources.folders import refuse_splits
from datamodules.sources.table import Table
from datamodules.sources.table_files import SUFFIXES as TABLES
from datamodules.sources.table_files import read_table_file, table_suffix
from datamodules.sources.urls import is_url

SUFFIXES = [".txt", ".text", ".md", ""]
"""Of files of text; collections of letters and postings have none."""
MOST = 5
"""Files that a message names."""


def is_folder(source: str) -> bool:
    """Return whether a source is a folder."""
    return not is_url(source) and Path(source).expanduser().is_dir()


def read_text_folder(source: str) -> Table:
    """Read a folder of class folders, or a flat folder of texts; hidden files are not read.

    The frame has the columns ``text``, ``label`` where each class has a folder, and ``path`` below
    the folder. White space around a text is cut off.

    Raises:
        UserError: there is no text in it, its folders are splits and no classes, or a file is no
            UTF-8 text.
    """
    root = Path(source).expanduser()
    folders = sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    flat = sorted(path for path in root.iterdir() if path.is_file() and _is_text(path))
    by_class = {folder.name: _texts_below(folder) for folder in folders}
    if not any(by_class.values()):
        if not flat:
            return _refuse(source, root)
        return _table(root, flat, None, [])
    refuse_splits(source, folders)
    notes = _notes(source, flat, by_class)
    paths = [path for found in by_class.values() for path in found]
    return _table(root, paths, [name for name, found in by_class.items() for _ in found], notes)


def _refuse(source: str, root: Path) -> Table:
    if any(table_suffix(path.name) in TABLES for path in root.iterdir()):
        return read_table_file(source)  # which says how to name the files in it
    raise UserError(f"--data.source: '{source}' holds no texts ({', '.join(SUFFIXES[:-1])}).")


def _is_text(path: Path) -> bool:
    return path.suffix.lower() in _suffixes(path.name) and not path.name.startswith(".")


def _suffixes(name: str) -> list[str]:
    return SUFFIXES if name not in ("README.md", "LICENSE") else []


def _texts_below(folder: Path) -> list[Path]:
    found = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(where, name) for name in files if _is_text(Path(name))]
    return sorted(found)


def _table(root: Path, paths: list[Path], labels: list[str] | None, notes: list[str]) -> Table:
    names = [path.relative_to(root).as_posix() for path in paths]
    texts = _texts(paths, names)
    empty = [name for name, text in zip(names, texts, strict=True) if not text]
    if empty:
        notes = [*notes, f"Files in '{root}' without text: {_listed(empty)}."]
    label = {} if labels is None else {"label": labels}
    frame = pl.DataFrame({"text": texts, **label, "path": names})
    return Table(
        frame,
        leave_out=["path"],
        notes=notes,
        text="text",
        target="label" if label else None,
        names="path",
    )


def _texts(paths: list[Path], names: list[str]) -> list[str]:
    texts, wrong = [], []
    with progress("reading texts", len(paths)) as bar:
        for path, name in zip(paths, names, strict=True):
            try:
                texts.append(path.read_bytes().decode("utf-8-sig").strip())
            except UnicodeDecodeError:
                wrong.append(name)
            except OSError as error:
                raise UserError(f"'{path}' cannot be read: {error.strerror or error}.") from error
            bar.advance()
    if wrong:
        raise UserError(f"Files that are not UTF-8 text: {_listed(wrong)}: save them as UTF-8.")
    return texts


def _listed(names: list[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in names[:MOST])
    return f"{len(names)} ({listed}{' ...' if len(names) > MOST else ''})"


def _notes(source: str, flat: list[Path], by_class: dict[str, list[Path]]) -> list[str]:
    notes = []
    if flat:
        notes.append(
            f"Texts in '{source}' that lie in no class folder were left out: {len(flat)} "
            f"(first: '{flat[0].name}')."
        )
    empty = [name for name, found in by_class.items() if not found]
    if empty:
        notes.append(f"Folders in '{source}' without texts are no classes: {', '.join(empty)}.")
    return notes
