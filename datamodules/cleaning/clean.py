"""The steps of cleaning in their order."""

from collections.abc import Sequence

import numpy as np

from datamodules.cleaning.conflicts import Conflicts
from datamodules.cleaning.duplicates import Duplicates
from datamodules.cleaning.step import Cleaned, CleaningStep, RowStep, TrainingRows, TrainingStep
from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.split import Rows


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
            rows = _left(rows, cleaned, records.origin)
            done.append(cleaned)
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
            training = training.without(cleaned.drop)
            if not len(training.rows):
                raise _nothing_left(cleaned, training.records.origin)
            training = training.applied(step)
            done.append(cleaned)
    return training, done


def _left(rows: Rows, cleaned: Cleaned, origin: str) -> Rows:
    if not len(cleaned.drop):
        return rows
    left: Rows = np.setdiff1d(rows, cleaned.drop, assume_unique=True)
    if not len(left):
        raise _nothing_left(cleaned, origin)
    return left


def _nothing_left(cleaned: Cleaned, origin: str) -> UserError:
    return UserError(
        f"{origin}: {cleaned.step} leaves no row to learn from ({cleaned.note}): take it out of "
        f"--data.cleaning, or let it only report."
    )
