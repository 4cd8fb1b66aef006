"""Folds in the order of time: the past is trained on, what comes next is held out."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from datamodules.errors import UserError
from datamodules.splits.by_time import in_gap, with_settled
from datamodules.splits.folds import Folds
from datamodules.splits.split import NOWHERE, TEST, TRAIN, VAL, Split
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

Window = Literal["expanding", "sliding"]


@dataclass(frozen=True)
class TimeSeriesFolds(Folds):
    """Cross-validate in the order of time: each fold is tested on by what came before it.

    The rows are cut by their times into one block more than there are folds. Fold k holds out block
    k + 1 and trains on the blocks before; what comes later is in no part. Rows of one time stay in
    one part. As in Hyndman and Athanasopoulos, 'Forecasting', 3rd edition, section 5.10.

    Args:
        time: the column that orders the rows: dates, times or numbers.
        folds: how many there are.
        fold: the one that is held out as the test, from 0.
        val: share of the rows before it used for validation, the last of them.
        gap: how much time lies between parts at least, as that of ``TimeSplit``.
        window: whether all blocks before are trained on, or the last one alone.

    Raises:
        UserError: there are fewer than two folds, or none of that number.
    """

    time: str
    folds: int = 5
    fold: int = 0
    val: float = 0.15
    gap: Gap = 0
    window: Window = "expanding"

    def __call__(self, undivided: Undivided) -> Split:
        """Hold out one block.

        Raises:
            UserError: there is no such column, a time is missing, or too few times differ.
        """
        column = times_of(undivided, self.time)
        times, gap = counted(column), gap_in(column, self.gap)
        parts = with_settled(undivided, times, self._parts(times))
        out = in_gap(times, parts, gap) | self._beyond(times, undivided.settled)
        parts[(undivided.settled == NOWHERE) & out] = NOWHERE
        held = np.bincount(parts[parts != NOWHERE], minlength=3)
        if not held[TRAIN] or not held[TEST] or (self.val and not held[VAL]):
            raise UserError(
                f"--data.split.folds: the {len(np.unique(times))} different values of "
                f"'{self.time}' are too few for {self.folds} folds, each after what is trained on"
                f"{' and a gap' if gap else ''}: take fewer folds, or a smaller gap."
            )
        elsewhere = int((parts == NOWHERE).sum())
        if elsewhere:
            undivided.notes.append(
                f"{elsewhere} rows are in no part of fold {self.fold}: they come later, before the "
                f"window or in the gap"
            )
        return undivided.split(parts)

    def _beyond(self, times: Times, settled: Parts) -> NDArray[np.bool_]:
        """Mark the rows that a fold, as its settled rows bound it, does not reach: (M,)."""
        beyond = np.zeros(len(times), dtype=bool)
        train, test = times[settled == TRAIN], times[settled == TEST]
        if len(test):
            beyond |= times > test.max()
        if len(train) and self.window == "sliding":
            beyond |= times < train.min()
        return beyond

    def _parts(self, times: Times) -> Parts:
        """Return the part of each row by its time: (M,)."""
        ordered = np.sort(times)
        ends = [round(len(times) * block / (self.folds + 1)) for block in range(self.folds + 2)]
        cuts = [boundary(ordered, end) for end in ends]
        begin = cuts[self.fold] if self.window == "sliding" else 0
        test, end = cuts[self.fold + 1], cuts[self.fold + 2]
        val = test - round(self.val * (test - begin))
        val = boundary_before(ordered, val, test) if self.val else test
        rank = np.searchsorted(ordered, times, side="left")
        parts = np.full(len(times), NOWHERE, dtype=np.int16)
        for part, (first, last) in enumerate([(begin, val), (val, test), (test, end)]):
            parts[(rank >= first) & (rank < last)] = part
        return parts
