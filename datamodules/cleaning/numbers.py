"""The columns of numbers, for steps that look for what is far out."""

import polars as pl

from datamodules.errors import UserError, unknown


def number_columns(
    frame: pl.DataFrame, columns: list[str] | None, origin: str, step: str
) -> list[str]:
    """Return the columns of numbers that a step looks at.

    Args:
        frame: rows.
        columns: what the user named; ``None`` is all.
        origin: where the rows came from, for messages.
        step: who asks.

    Raises:
        UserError: a named column is not there or holds no numbers, or there is none.
    """
    numeric = [column.name for column in frame if column.dtype.is_numeric()]
    for name in columns or []:
        if name not in numeric:
            raise unknown(f"column of numbers for {step} in {origin}", name, numeric)
    if not numeric:
        raise UserError(f"{origin}: {step} looks at columns of numbers, and there is none.")
    return columns or numeric
