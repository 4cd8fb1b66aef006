"""Rows that can be learnt from at all."""

import numpy as np
import polars as pl

from datamodules.errors import UserError
from datamodules.splits.split import Rows


def usable_rows(frame: pl.DataFrame, needed: list[str], origin: str) -> tuple[Rows, list[str]]:
    """Return the rows with a value in every needed column, and a sentence for what was left out.

    Args:
        frame: all rows.
        needed: columns without which a row teaches nothing: the target, the text.
        origin: where the rows came from, for the message.

    Returns:
        (M,) row numbers in ascending order, and notes.

    Raises:
        UserError: if no row is usable.
    """
    keep = np.ones(len(frame), dtype=bool)
    notes = []
    for name in needed:
        missing = _is_missing(frame[name])
        if dropped := int((keep & missing).sum()):
            notes.append(f"left out {dropped} of {len(frame)} rows: no value in '{name}'")
        keep &= ~missing
    if not keep.any():
        listed = ", ".join(f"'{name}'" for name in needed)
        raise UserError(f"{origin}: none of the {len(frame)} rows has a value in {listed}.")
    return np.flatnonzero(keep), notes


def _is_missing(column: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    missing = column.is_null()
    if column.dtype.is_float():
        missing |= ~column.is_finite().fill_null(False)
    if column.dtype == pl.String:
        missing |= (column.str.strip_chars() == "").fill_null(False)
    marks: np.ndarray[tuple[int], np.dtype[np.bool_]] = missing.to_numpy()
    return marks
