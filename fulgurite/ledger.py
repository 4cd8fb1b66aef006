"""``ledger.jsonl`` beside the runs: who has looked at which test set, one line a look.

Lines are added and never changed. Two processes that add one at once wait for each other; a line
that was cut short, as when the power fails, stays as it is, is told of, and is passed over.
"""

import json
import os
from collections.abc import Callable
from dataclasses import MISSING, Field, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from datamodules.locks import alone

NAME = "ledger.jsonl"
LOCK = ".ledger.lock"
DONE = "done"


@dataclass(frozen=True)
class Look:
    """One look at a test set.

    Attributes:
        time: when it was over.
        command: that looked.
        run: whose, below the folder of all runs; or a path.
        model: fingerprint of its weights; ``None`` where a look is of several, such as a
            cross-validation, and counts as one.
        data: fingerprint of the data.
        test_set: fingerprint of the rows that were measured, by content.
        rows: how many they are.
        figures: that were seen.
        standard_errors: of those figures, where they are known.
        status: ``done``, or why nothing was seen to the end.
        like: the ``test_set`` of the first look at these rows, or at nearly these.
        columns: that make up a row.
        sample: hashes of some rows, by which nearly equal sets are known again.
    """

    time: str
    command: str
    run: str
    model: str | None
    data: str
    test_set: str
    rows: int
    figures: dict[str, float | None]
    standard_errors: dict[str, float]
    status: str = DONE
    like: str = ""
    columns: list[str] = field(default_factory=list)
    sample: list[str] = field(default_factory=list)

    @property
    def rows_of(self) -> str:
        """What tells looks at the same rows, or nearly the same, from others."""
        return self.like or self.test_set

    @property
    def counts(self) -> bool:
        """Whether anything was seen."""
        return self.status == DONE or bool(self.figures)

    def as_line(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self), allow_nan=False)


class Ledger:
    """The looks of all runs in a folder.

    Args:
        folder: that holds the runs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / NAME

    def read(self) -> tuple[list[Look], list[str]]:
        """Return the looks in their order, and a note for each line that is none.

        Raises:
            OSError: the file cannot be read.
        """
        try:
            text = self.path.read_bytes().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return [], []
        looks, notes = [], []
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            look = _look(line)
            if look is None:
                notes.append(f"line {number} of '{self.path}' is no whole look and is passed over")
            else:
                looks.append(look)
        return looks, notes

    def append(
        self, look: Look, like: Callable[[list[Look]], str] | None = None
    ) -> tuple[list[Look], list[str]]:
        """Add a look, and return all looks up to it, as :meth:`read` does.

        Args:
            look: that is added.
            like: says its ``like`` by the looks before; no other comes in between.

        Raises:
            OSError: the file, or the lock beside it, cannot be written.
        """
        with alone(self.folder / LOCK, "waiting for the ledger"):
            if like is not None:
                look = replace(look, like=like(self.read()[0]))
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                line = f"{_end_of_torn(file)}{look.as_line()}\n".encode()
                if os.write(file, line) != len(line):
                    raise OSError(f"the disk is full, so a line of '{self.path}' is cut short")
                os.fsync(file)
            finally:
                os.close(file)
            return self.read()


def _end_of_torn(file: int) -> str:
    """Return the end of a last line that has none, so that the next begins on its own."""
    size = os.fstat(file).st_size
    if not size:
        return ""
    os.lseek(file, size - 1, os.SEEK_SET)
    return "" if os.read(file, 1) == b"\n" else "\n"


def _wanted(each: Field[Any], told: dict[str, Any]) -> bool:
    """Tell whether a line has a field; an older one may lack those that have a default."""
    optional = each.default is not MISSING or each.default_factory is not MISSING
    return each.name in told or not optional


def _look(line: str) -> Look | None:
    """Return the look of a line; what later versions may add to one is passed over."""
    try:
        told: Any = json.loads(line)
        look = Look(**{each.name: told[each.name] for each in fields(Look) if _wanted(each, told)})
    except (ValueError, TypeError, KeyError):  # torn, no object, or one without a field
        return None
    texts = (look.time, look.command, look.run, look.data, look.test_set, look.status)
    whole = [isinstance(text, str) for text in texts]
    whole += [isinstance(look.rows, int), isinstance(look.figures, dict)]
    return look if all([*whole, isinstance(look.standard_errors, dict)]) else None
