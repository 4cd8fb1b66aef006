"""Rows that can be learnt from at all."""

import numpy as np
import polars as pl

from datamodules.cleaning.step import Cleaned
from datamodules.errors import UserError
from datamodules.splits.split import Rows

STEP = "unusable rows"


def usable_rows(frame: pl.DataFrame, needed: list[str], origin: str) -> tuple[Rows, list[Cleaned]]:
    """Return the rows with a value in every needed column, and what was left out for each.

    Args:
        frame: all rows.
        needed: columns without which a row teaches nothing: the target, the text.
        origin: where the rows came from, for the message.

    Returns:
        (M,) row numbers in ascending order, and what was left out.

    Raises:
        UserError: if no row is usable.
    """
    keep = np.ones(len(frame), dtype=bool)
    cleaned = []
    for name in needed:
        missing = is_missing(frame[name])
        dropped = np.flatnonzero(keep & missing)
        if len(dropped):
            note = f"left out {len(dropped)} of {len(frame)} rows: no value in '{name}'"
            cleaned.append(Cleaned(STEP, note, dropped, dropped))
        keep &= ~missing
    if not keep.any():
        listed = ", ".join(f"'{name}'" for name in needed)
        raise UserError(f"{origin}: none of the {len(frame)} rows has a value in {listed}.")
    return np.flatnonzero(keep), cleaned


def is_missing(column: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Mark the cells that hold nothing: (N,). Blank text and infinite numbers are nothing."""
    missing = column.is_null()
    if column.dtype.is_float():
        missing |= ~column.is_finite().fill_null(False)
    if column.dtype == pl.String:
        missing |= (column.str.strip_chars() == "").fill_null(False)
    marks: np.ndarray[tuple[int], np.dtype[np.bool_]] = missing.to_numpy()
    return marks
