"""Parts that a column of the data tells."""

from dataclasses import dataclass

import numpy as np

from datamodules.errors import unknown
from datamodules.splits.given import GivenParts, refuse_without_training, with_validation
from datamodules.splits.part_names import parts_named
from datamodules.splits.split import NOWHERE, Split
from datamodules.splits.splitter import Undivided


@dataclass(frozen=True)
class ColumnSplit(GivenParts):
    """Take each row's part from a column of the data: train, val or test.

    The model does not see the column.

    Args:
        column: its name. Other words for the parts are known too, such as ``dev`` and ``holdout``.
        val: share of the training rows that become validation rows, where the column names none.
        seed: makes that choice repeatable.
    """

    column: str
    val: float = 0.15
    seed: int = 0

    @property
    def leave_out(self) -> list[str]:
        """The column that a model must not see."""
        return [self.column]

    def __call__(self, undivided: Undivided) -> Split:
        """Divide rows by what the column says.

        Raises:
            UserError: there is no such column, a value is no part, or none is for training.
        """
        if self.column not in undivided.frame.columns:
            raise unknown("column for --data.split.column", self.column, undivided.frame.columns)
        place = f"--data.split.column: '{self.column}'"
        values = undivided.frame[self.column][undivided.rows]
        told = parts_named(values, place, undivided.rows.tolist())
        refuse_without_training(told, place)
        parts = np.where(undivided.settled == NOWHERE, told, undivided.settled).astype(np.int16)
        return undivided.split(with_validation(parts, undivided, self.val, self.seed))
