"""Rows that say two things of the same."""

from typing import Literal

import numpy as np
import polars as pl

from datamodules.cleaning.copies import advice, are_by_nature, compared, copies, input_columns
from datamodules.cleaning.step import Cleaned, RowStep
from datamodules.records import Records
from datamodules.splits.split import Rows


class Conflicts(RowStep):
    """Rows with equal inputs and unlike targets: no model can be right on all of them.

    In a coarse table that is chance, not a mistake; so they are only reported unless dropping is
    asked for. Dropping leaves out all rows of a conflict, for it is not known which is right.

    Args:
        action: ``drop`` or ``report``.
    """

    def __init__(self, action: Literal["drop", "report"] = "drop") -> None:
        self.action = action

    def __call__(self, records: Records, rows: Rows, target: list[str]) -> Cleaned:
        """Find every row whose inputs stand elsewhere with another target."""
        targets = records.frame.select(target)
        columns = compared(records, input_columns(records, target))
        equal = copies(records, rows, columns)
        groups = [group for group in equal if not _agree(targets[group])]
        if not groups:
            return Cleaned(self.name)
        found = np.sort(np.concatenate(groups))
        told = (
            f"{len(found)} of {len(rows)} rows have the inputs of another row and another target "
            f"(first: rows {groups[0][0] + 1} and {groups[0][1] + 1})"
        )
        table = pl.DataFrame({"row": groups, "conflict": range(len(groups))}).explode("row")
        table = pl.concat([table, targets[table["row"]]], how="horizontal").sort("conflict", "row")
        if self.action == "drop":
            return Cleaned(self.name, f"left out: {told}", found, found, table)
        later = sum(len(group) - 1 for group in equal)
        by_nature = are_by_nature(records, rows, columns, later)
        note = f"{told}: {advice(self.name, by_nature=by_nature)}"
        return Cleaned(self.name, note, found, table=table)


def _agree(targets: pl.DataFrame) -> bool:
    return all(targets.row(place) == targets.row(0) for place in range(1, len(targets)))
