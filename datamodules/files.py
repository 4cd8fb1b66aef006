"""Files that are there whole or not at all."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a place to write to, and put it in the path's stead once all is written.

    No reader ever meets a part of a file, and a write that fails leaves the one before.
    """
    partial = path.with_name(f"{path.name}.partial")
    yield partial
    partial.replace(path)


def write_json(path: Path, told: Mapping[str, Any]) -> None:
    """Write plain values to a file, whole, as a person can read them."""
    with written_whole(path) as partial:
        partial.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
