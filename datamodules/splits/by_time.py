"""The past for training, the future held out."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from datamodules.errors import UserError, unknown
from datamodules.splits.shares import ShareSplit
from datamodules.splits.split import Rows, Split


@dataclass(frozen=True)
class TimeSplit(ShareSplit):
    """Hold out the last rows: training comes before validation, and that before the test.

    Rows of one time stay in one part.

    Args:
        time: the column that orders the rows: dates, times or numbers.
        val: share of the rows used for validation.
        test: share of the rows held out for testing.

    Raises:
        UserError: the shares leave nothing to train on, or are negative.
    """

    time: str
    val: float = 0.15
    test: float = 0.15

    def __call__(self, rows: Rows, strata: Rows, frame: pl.DataFrame) -> Split:
        """Divide ``rows``, (M,), by their times.

        Raises:
            UserError: there is no such column, a time is missing, or too few times differ.
        """
        times = self._times(rows, frame)
        order = np.argsort(times, kind="stable")
        ordered = times[order]
        first_test = _boundary(ordered, round((1 - self.test) * len(rows)))
        first_val = _boundary(ordered, round((1 - self.test - self.val) * len(rows)))
        parts = np.split(rows[order], [first_val, first_test])
        if not len(parts[0]) or (self.test and not len(parts[2])):
            raise UserError(
                f"--data.split.time: '{self.time}' has too few different values to hold out the "
                f"last rows."
            )
        return Split(*(np.sort(part) for part in parts))

    def _times(self, rows: Rows, frame: pl.DataFrame) -> Rows:
        if self.time not in frame.columns:
            raise unknown("column for --data.split.time", self.time, frame.columns)
        column = frame[self.time][rows]
        if not (column.dtype.is_temporal() or column.dtype.is_numeric()):
            raise UserError(
                f"--data.split.time: '{self.time}' holds neither dates nor numbers, but "
                f"{column.dtype}, such as '{column.drop_nulls().head(1).to_list()[0]}': write "
                f"dates as 2024-12-31."
            )
        missing = column.is_null().to_numpy()
        if missing.any():
            raise UserError(
                f"--data.split.time: '{self.time}' is missing in {int(missing.sum())} rows (first: "
                f"row {rows[missing][0] + 1}), which have no place before or after the others."
            )
        return column.to_physical().to_numpy()


def _boundary(ordered: Rows, place: int) -> int:
    """Return the nearest place that cuts no run of equal times in two."""
    if place in (0, len(ordered)) or ordered[place] != ordered[place - 1]:
        return place
    low = int(np.searchsorted(ordered, ordered[place], "left"))
    high = int(np.searchsorted(ordered, ordered[place], "right"))
    return low if place - low <= high - place else high
