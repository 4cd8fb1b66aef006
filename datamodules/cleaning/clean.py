"""The steps of cleaning in their order."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from datamodules.cleaning.conflicts import Conflicts
from datamodules.cleaning.duplicates import Duplicates
from datamodules.cleaning.step import Cleaned, CleaningStep, RowStep, TrainingRows, TrainingStep
from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.split import Rows

CLASSES = 100
"""A target of more values is a number, of which any may vanish."""


def default_steps() -> list[CleaningStep]:
    """Return what is done where nothing was asked for: nothing is dropped, copies are told of."""
    return [Duplicates("report"), Conflicts("report")]


def clean_rows(
    steps: Sequence[CleaningStep], records: Records, rows: Rows, target: list[str]
) -> tuple[Rows, list[Cleaned]]:
    """Apply the steps that come before the split.

    Returns:
        (M,) the row numbers that are left, in ascending order, and what each step did.

    Raises:
        UserError: a step leaves no row.
    """
    done = []
    for step in steps:
        if isinstance(step, RowStep):
            cleaned = step(records, rows, target)
            left = _left(rows, cleaned, records.origin)
            done.append(_telling(cleaned, _vanished(records, rows, left, target)))
            rows = left
    return rows, done


def clean_training_rows(
    steps: Sequence[CleaningStep], training: TrainingRows
) -> tuple[TrainingRows, list[Cleaned]]:
    """Fit the steps that come after the split, each on the training rows that are left to it.

    Returns:
        The training rows that are left, as the steps changed them, and what each step did.

    Raises:
        UserError: a step leaves no row.
    """
    done = []
    for step in steps:
        if isinstance(step, TrainingStep):
            cleaned = step.fit(training)
            before = _classes(training)
            training = training.without(cleaned.drop)
            if not len(training.rows):
                raise _nothing_left(cleaned, training.records.origin)
            gone = [name for name in before if name not in _classes(training)]
            training = training.applied(step)
            done.append(_telling(cleaned, gone))
    return training, done


def _left(rows: Rows, cleaned: Cleaned, origin: str) -> Rows:
    if not len(cleaned.drop):
        return rows
    left: Rows = np.setdiff1d(rows, cleaned.drop, assume_unique=True)
    if not len(left):
        raise _nothing_left(cleaned, origin)
    return left


def _vanished(records: Records, before: Rows, left: Rows, target: list[str]) -> list[str]:
    """Return the few values of the one target of which no row is left."""
    if len(target) != 1 or len(left) == len(before):
        return []
    values = records.frame[target[0]]
    if values.dtype.is_nested() or values.dtype.is_float():
        return []
    known = values[before].unique().sort()
    gone = known.filter(~known.is_in(values[left].unique().implode()))
    return [] if len(known) > CLASSES else [str(value) for value in gone]


def _classes(training: TrainingRows) -> list[str]:
    """Return the classes that training rows have; nothing where the target is no class."""
    if training.spec.kind not in ("binary", "multiclass"):
        return []
    return [training.spec.names[place] for place in training.target.unique().tolist()]


def _telling(cleaned: Cleaned, gone: list[str]) -> Cleaned:
    """Return what was done, with the classes of which no row is left."""
    if not gone:
        return cleaned
    listed = " and ".join(f"'{name}'" for name in gone)
    return replace(cleaned, note=f"{cleaned.note}; no row of {listed} is left")


def _nothing_left(cleaned: Cleaned, origin: str) -> UserError:
    return UserError(
        f"{origin}: {cleaned.step} leaves no row to learn from ({cleaned.note}): take it out of "
        f"--data.cleaning, or let it look at less."
    )
