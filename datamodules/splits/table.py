"""A split as a file: which row, by its content, is in which part, and how that came about."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from datamodules.errors import UserError
from datamodules.files import written_whole
from datamodules.row_hashes import Hashes
from datamodules.splits.split import NOWHERE, PARTS
from datamodules.splits.splitter import Parts

VERSION = 1
LARGE = 100_000
"""Rows from which on the file is Parquet."""
NAMES = ("split.json", "split.parquet")
KEY = "fulgurite"
"""Of the file's head among the metadata of a Parquet file."""

WRONG = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    OverflowError,
    AttributeError,
    pl.exceptions.PolarsError,
)
"""What reading a file raises that was written by others or by hand."""


@dataclass(frozen=True)
class SplitTable:
    """A split that says of each row, by its content, which part it is in.

    Attributes:
        hashes: (M,) uint64, of the rows that are in a part, in their order; equal rows are there as
            often as the data have them.
        parts: (M,) int16: 0 training, 1 validation, 2 test.
        columns: what the hashes are of; none where they are of images.
        recipe: the splitter, ``{class_path, init_args}``, by which added rows get a part.
        fingerprint: of the data.
        leave_out: columns that the splitter hides from a model.
        about: what else is told to a reader.
    """

    hashes: Hashes
    parts: Parts
    columns: list[str]
    recipe: dict[str, Any] | None = None
    fingerprint: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    leave_out: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> Path:
        """Write the file, whole, and return its path."""
        path = folder / NAMES[len(self.hashes) >= LARGE]
        names = [PARTS[part] for part in self.parts.tolist()]
        counts = np.bincount(self.parts, minlength=len(PARTS)).tolist()
        head = {
            "version": VERSION,
            "recipe": self.recipe,
            "fingerprint": self.fingerprint,
            "columns": self.columns,
            "leave_out": self.leave_out,
            "counts": dict(zip(PARTS, counts, strict=True)),
            **self.about,
        }
        with written_whole(path) as partial:
            if path.suffix == ".json":
                text = json.dumps(head, indent=1)[:-2]
                rows = (
                    f'  ["{row:016x}", "{part}"]'
                    for row, part in zip(self.hashes.tolist(), names, strict=True)
                )
                listed = ",\n".join(rows)
                partial.write_text(f'{text},\n "rows": [\n{listed}\n ]\n}}\n', "utf-8")
            else:
                frame = pl.DataFrame({"hash": self.hashes, "part": names})
                frame.write_parquet(partial, metadata={KEY: json.dumps(head)})
        return path

    @classmethod
    def read(cls, path: Path) -> "SplitTable":
        """Read a file that :meth:`write` has written.

        Raises:
            UserError: it is none.
        """
        try:
            head, hashes, parts = _json(path) if path.suffix == ".json" else _parquet(path)
            if int(head["version"]) > VERSION:
                raise UserError(
                    f"'{path}' was written by a later release (version {head['version']} of split "
                    f"files, this one reads {VERSION})."
                )
            codes = [PARTS.index(part) for part in parts]
            columns = [str(name) for name in head["columns"]]
            leave_out = [str(name) for name in head.get("leave_out", [])]
            recipe, fingerprint = _recipe(head), str(head.get("fingerprint", ""))
        except WRONG as error:
            raise UserError(f"'{path}' is no split file of a run: {_said(error)}.") from error
        told = np.array(codes, dtype=np.int16)
        return cls(hashes, told, columns, recipe, fingerprint, leave_out=leave_out)


def is_split_table(path: Path) -> bool:
    """Tell whether a file is one of a run's, and not a table of parts made elsewhere."""
    try:
        if path.suffix == ".parquet":
            return KEY in pl.read_parquet_metadata(path)
        with path.open("rb") as file:
            return path.suffix == ".json" and b'"recipe"' in file.read(1 << 16)
    except (OSError, pl.exceptions.PolarsError):
        return False


def parts_by_keys(known: Hashes, parts: Parts, keys: Hashes) -> Parts:
    """Return the part of each row that is known by its key, and -1 of others.

    Args:
        known: (K,) keys.
        parts: (K,) theirs.
        keys: (M,) of the rows that are looked up.
    """
    if not len(known):
        return np.full(len(keys), NOWHERE, dtype=np.int16)
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known, keys, sorter=order), len(known) - 1)
    found = order[place]
    return np.where(known[found] == keys, parts[found], NOWHERE).astype(np.int16)


def _recipe(head: dict[str, Any]) -> dict[str, Any] | None:
    recipe: dict[str, Any] | None = head.get("recipe")
    if recipe is not None:
        path, arguments = recipe["class_path"], recipe.get("init_args", {})
        if not (isinstance(path, str) and isinstance(arguments, dict)):
            raise ValueError("its recipe is no class with its arguments")
    return recipe


def _json(path: Path) -> tuple[dict[str, Any], Hashes, list[str]]:
    head = json.loads(path.read_text("utf-8"))
    rows = head.pop("rows")
    hashes = np.array([int(row, 16) for row, _ in rows], dtype=np.uint64)
    return head, hashes, [part for _, part in rows]


def _parquet(path: Path) -> tuple[dict[str, Any], Hashes, list[str]]:
    head = json.loads(pl.read_parquet_metadata(path)[KEY])
    frame = pl.read_parquet(path)
    return head, frame["hash"].to_numpy().astype(np.uint64), frame["part"].to_list()


def _said(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no {error}"
    return " ".join(str(error).split())[:200].rstrip(".")
