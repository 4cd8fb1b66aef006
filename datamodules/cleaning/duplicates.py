"""Rows that stand twice."""

from typing import Literal

import numpy as np

from datamodules.cleaning.copies import advice, are_by_nature, compared, copies, input_columns
from datamodules.cleaning.step import Cleaned, RowStep
from datamodules.records import Records
from datamodules.splits.split import Rows


class Duplicates(RowStep):
    """Rows that are exact copies of an earlier one: equal inputs and equal target.

    A column that only names rows, such as a number of its own for each, tells no copy from another.

    Copies that stand in two parts of a split make figures too good. But rows of a coarse table may
    be equal by right, such as two people of one age and city; so they are only reported unless
    dropping is asked for.

    Args:
        action: ``drop`` keeps the first of each; ``report`` keeps all and says how many there are.
    """

    def __init__(self, action: Literal["drop", "report"] = "drop") -> None:
        self.action = action

    def __call__(self, records: Records, rows: Rows, target: list[str]) -> Cleaned:
        """Find every row that has an equal one before it."""
        columns = compared(records, input_columns(records, target))
        groups = copies(records, rows, [*columns, *target])
        if not groups:
            return Cleaned(self.name)
        later = np.sort(np.concatenate([group[1:] for group in groups]))
        found = f"{len(later)} of {len(rows)} rows are exact copies of an earlier one"
        if self.action == "drop":
            return Cleaned(self.name, f"left out: {found}", later, later)
        by_nature = are_by_nature(records, rows, columns, len(later))
        return Cleaned(self.name, f"{found}: {advice(self.name, by_nature=by_nature)}", later)
