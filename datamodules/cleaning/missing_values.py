"""Rows with gaps."""

import numpy as np

from datamodules.cleaning.copies import input_columns
from datamodules.cleaning.numbers import require_names
from datamodules.cleaning.step import Cleaned, RowStep
from datamodules.cleaning.usable import is_missing
from datamodules.errors import UserError, choices
from datamodules.records import Records
from datamodules.splits.split import Rows


class MissingValues(RowStep):
    """Leave out rows with a missing value; without this step what is missing is filled in.

    A row that is to be predicted is never left out: there, what is missing is filled in.

    Args:
        columns: where a value must be; all inputs by default.

    Raises:
        UserError: there is no such column, or none is named.
    """

    def __init__(self, columns: list[str] | None = None) -> None:
        require_names(columns, self.name)
        self.columns = columns

    def __call__(self, records: Records, rows: Rows, target: list[str]) -> Cleaned:
        """Find every row without a value in one of the columns."""
        columns = self.columns if self.columns is not None else input_columns(records, target)
        for name in columns:
            if name not in records.frame.columns:
                raise UserError(
                    f"--data.cleaning ({self.name}): {records.origin} has no column '{name}'."
                    f"{choices(name, records.frame.columns)}"
                )
        gaps = {name: is_missing(records.frame[name])[rows] for name in columns}
        missing = np.any(list(gaps.values()), axis=0)
        if not missing.any():
            return Cleaned(self.name)
        found = rows[missing]
        worst = max(gaps, key=lambda name: int(gaps[name].sum()))
        note = (
            f"left out: {len(found)} of {len(rows)} rows have a missing value (most of them, "
            f"{int(gaps[worst].sum())}, in '{worst}')"
        )
        return Cleaned(self.name, note, found, found)
