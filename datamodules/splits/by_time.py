"""The past for training, the future held out."""

from dataclasses import dataclass

import numpy as np

from datamodules.errors import UserError
from datamodules.splits.shares import ShareSplit
from datamodules.splits.split import NOWHERE, TEST, TRAIN, VAL, Rows, Split
from datamodules.splits.splitter import Parts, Undivided
from datamodules.splits.times import (
    Gap,
    Times,
    boundary,
    boundary_before,
    counted,
    gap_in,
    times_of,
)


@dataclass(frozen=True)
class TimeSplit(ShareSplit):
    """Hold out the last rows: training comes before validation, and that before the test.

    Rows of one time stay in one part.

    Args:
        time: the column that orders the rows: dates, times or numbers.
        val: share of the rows used for validation.
        test: share of the rows held out for testing.
        gap: how much time lies between the last row of a part and the first of the next at least,
            such as ``7d``, ``12h``, or a number in the unit of the times (of dates: days); rows in
            between are in no part.

    Raises:
        UserError: the shares leave nothing to train on, or are negative.
    """

    time: str
    val: float = 0.15
    test: float = 0.15
    gap: Gap = 0

    def __call__(self, undivided: Undivided) -> Split:
        """Divide rows by their times.

        Raises:
            UserError: there is no such column, a time is missing, or too few times differ.
        """
        column = times_of(undivided, self.time)
        times, gap = counted(column), gap_in(column, self.gap)
        first_val, first_test = self._firsts(times)
        parts = np.where(times >= first_test, TEST, np.where(times >= first_val, VAL, TRAIN))
        parts = with_settled(undivided, times, parts)
        dropped = (undivided.settled == NOWHERE) & in_gap(times, parts, gap)
        parts[dropped] = NOWHERE
        if dropped.any():
            undivided.notes.append(f"{int(dropped.sum())} rows lie in the gap and are in no part")
        held = np.bincount(parts[parts >= 0], minlength=3)
        emptied = self.val and dropped.any() and not held[VAL]
        if not held[TRAIN] or (self.test and not held[TEST]) or emptied:
            why = f"rows for a gap of {self.gap}" if dropped.any() else "different values"
            raise UserError(
                f"--data.split.time: '{self.time}' has too few {why} to hold out the last rows."
            )
        return undivided.split(parts)

    def _firsts(self, times: Times) -> tuple[float, float]:
        """Return the first times of validation and of the test."""
        ordered = np.sort(times)
        val, test = 1 - self.test - self.val, 1 - self.test
        end = boundary(ordered, round(test * len(times)))
        begin = boundary_before(ordered, round(val * len(times)), end) if self.val else end
        first_val, first_test = (_least(ordered[place:], np.inf) for place in (begin, end))
        return first_val, first_test


def _least(times: Times, default: float) -> float:
    return min(times.tolist(), default=default)


def with_settled(undivided: Undivided, times: Times, fresh: Parts) -> Parts:
    """Return the part of each row: (M,), where new rows lie between settled ones.

    Where there are settled rows, these say where a part begins and the last one ends.

    Args:
        undivided: the rows.
        times: (M,) theirs.
        fresh: (M,) the parts of rows of which none is settled.
    """
    settled = undivided.settled
    if (settled == NOWHERE).all():
        return fresh.astype(np.int16)
    first_test = _least(times[settled == TEST], np.inf)
    first_val = _least(times[settled == VAL], first_test)
    parts = np.where(times >= first_test, TEST, np.where(times >= first_val, VAL, TRAIN))
    return np.where(settled == NOWHERE, parts, settled).astype(np.int16)


def in_gap(times: Times, parts: Parts, gap: float) -> Rows:
    """Mark the rows that lie within a gap before the first row of a later part: (M,) bool."""
    inside = np.zeros(len(times), dtype=bool)
    if gap <= 0:
        return inside
    for part in (VAL, TRAIN):
        later = times[(parts > part) & ~inside]
        if len(later):
            inside |= (parts == part) & (times > later.min() - gap)
    return inside
