"""Each source file is one part."""

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePath

import numpy as np
import polars as pl

from datamodules.errors import UserError
from datamodules.splits.given import GivenParts, refuse_without_training, with_validation
from datamodules.splits.split import NOWHERE, PARTS, TEST, Split
from datamodules.splits.splitter import Parts, Undivided

Pattern = str | list[str]


@dataclass(frozen=True)
class FileSplit(GivenParts):
    """Take each row's part from the file that it came from.

    ``--data.source '[a.csv, b.csv]'`` with ``train: a.csv`` and ``test: b.csv``. Images and texts
    of a folder are files too: ``train: train/*``.

    Args:
        train: the files of the training rows: names or patterns such as ``2023-*.csv``.
        test: the files of the rows that are held out.
        val: the files of validation, or a share of the training rows, such as 0.15.
        seed: makes the choice of that share repeatable.
    """

    train: Pattern
    test: Pattern
    val: float | Pattern = 0.15
    seed: int = 0

    def __call__(self, undivided: Undivided) -> Split:
        """Divide rows by their files.

        Raises:
            UserError: the rows come from one file, a file is in no part or in two, or a pattern
                fits none.
        """
        files = _files_of(undivided)
        different = files.unique(maintain_order=True)
        part_of = {name: self._part(name) for name in different}
        self._refuse_idle(list(part_of))
        told = files.replace_strict(different, list(part_of.values())).cast(pl.Int16).to_numpy()
        refuse_without_training(told, "--data.split.train")
        if not self._patterns[TEST]:
            undivided.notes.append("no file is held out, so there is nothing to test on")
        parts: Parts = np.where(undivided.settled == NOWHERE, told, undivided.settled)
        share = 0.0 if isinstance(self.val, str | list) else self.val
        return undivided.split(with_validation(parts.astype(np.int16), undivided, share, self.seed))

    @property
    def _patterns(self) -> list[list[str]]:
        """The patterns of each part."""
        val = self.val if isinstance(self.val, str | list) else []
        return [[each] if isinstance(each, str) else each for each in (self.train, val, self.test)]

    def _part(self, name: str) -> int:
        found = [
            part
            for part, patterns in enumerate(self._patterns)
            if any(_fits(name, pattern) for pattern in patterns)
        ]
        if len(found) == 1:
            return found[0]
        what = f"of {PARTS[found[0]]} and of {PARTS[found[1]]}" if found else "of no part"
        raise UserError(
            f"--data.split: the file '{name}' is {what}: each file of --data.source fits the "
            f"pattern of one of train, val and test."
        )

    def _refuse_idle(self, names: list[str]) -> None:
        for part, patterns in zip(PARTS, self._patterns, strict=True):
            for pattern in patterns:
                if not any(_fits(name, pattern) for name in names):
                    raise UserError(
                        f"--data.split.{part}: no file fits '{pattern}'; there are "
                        f"{', '.join(map(repr, names[:5]))}."
                    )


def _files_of(undivided: Undivided) -> pl.Series:
    """Return the file of each row: (M,)."""
    records = undivided.records
    if records.files is not None:
        files = records.files
    elif records.names is not None:
        files = records.frame[records.names]
    else:
        raise UserError(
            f"--data.split: the rows of '{records.origin}' come from one file, so there is none to "
            f"hold out: name several with --data.source, or take another split."
        )
    return files[undivided.rows].cast(pl.String)


def _fits(name: str, pattern: str) -> bool:
    """Tell whether a file is meant, by its path or by the end of it."""
    path = PurePath(name).as_posix()
    wanted = PurePath(pattern).as_posix()
    named = f"/{path}".endswith(f"/{wanted}")  # a name may hold what a pattern uses: data[1].csv
    return named or fnmatch(path, wanted) or fnmatch(path, f"*/{wanted}")
