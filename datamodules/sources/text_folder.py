"""A folder of text files, one a row."""

from collections.abc import Collection
from pathlib import Path

import polars as pl

from datamodules.errors import UserError
from datamodules.progress import progress
from datamodules.sources.folders import ClassFolders, class_folders
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


def read_text_folder(source: str, as_text: Collection[str] = ()) -> Table:
    """Read a folder of class folders, or a flat folder of texts; hidden files are not read.

    The frame has the columns ``text``, ``label`` where each class has a folder, and ``path`` below
    the folder. White space around a text is cut off.

    Args:
        source: the folder.
        as_text: with ``text`` in it, texts keep their white space.

    Raises:
        UserError: there is no text in it, or a file is no UTF-8 text.
    """
    root = Path(source).expanduser()
    found = class_folders(source, root, _is_text, "texts")
    return _table(root, found, "text" in as_text) if found.paths else _refuse(source, root)


def _refuse(source: str, root: Path) -> Table:
    if any(table_suffix(path.name) in TABLES for path in root.iterdir()):
        return read_table_file(source)  # which says how to name the files in it
    raise UserError(f"--data.source: '{source}' holds no texts ({', '.join(SUFFIXES[:-1])}).")


def _is_text(path: Path) -> bool:
    return path.suffix.lower() in _suffixes(path.name)


def _suffixes(name: str) -> list[str]:
    return SUFFIXES if name not in ("README.md", "LICENSE") else []


def _table(root: Path, found: ClassFolders, verbatim: bool) -> Table:
    paths, labels, notes, splitter = found
    names = [path.relative_to(root).as_posix() for path in paths]
    texts = _texts(paths, names)
    texts = texts if verbatim else [text.strip() for text in texts]
    empty = [name for name, text in zip(names, texts, strict=True) if not text.strip()]
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
        splitter=splitter,
    )


def _texts(paths: list[Path], names: list[str]) -> list[str]:
    texts, wrong = [], []
    with progress("reading texts", len(paths)) as bar:
        for path, name in zip(paths, names, strict=True):
            try:
                texts.append(path.read_bytes().decode("utf-8-sig"))
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
