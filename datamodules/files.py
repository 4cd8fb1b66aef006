"""Files that are there whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a place to write to, and put it in the path's stead once all is written.

    No reader ever meets a part of a file, and a write that fails leaves the one before.
    """
    partial = path.with_name(f"{path.name}.partial")
    yield partial
    partial.replace(path)
