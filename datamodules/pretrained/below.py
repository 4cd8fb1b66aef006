"""Files of a network's folder, and of the folders in it."""

import os
from collections.abc import Iterator
from pathlib import Path

DEEPEST = 3
"""Folders that are gone down: networks lie no deeper, and other folders have no end."""


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and in those up to three below it, hidden folders left out."""
    for where, folders, files in os.walk(folder):
        here = Path(where)
        if len(here.relative_to(folder).parts) == DEEPEST:
            folders.clear()
        folders[:] = [each for each in folders if not each.startswith(".")]
        yield from (here / file for file in files)
