"""Which columns a step looks at."""

import polars as pl

from datamodules.errors import UserError, choices


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
    if columns is not None:
        for name in columns:
            if name not in numeric:
                raise _no_numbers(frame, name, numeric, f"--data.cleaning ({step}): {origin}")
        return columns
    if not numeric:
        raise UserError(f"{origin}: {step} looks at columns of numbers, and there is none.")
    return numeric


def _no_numbers(frame: pl.DataFrame, name: str, numeric: list[str], where: str) -> UserError:
    if name not in frame.columns:
        return UserError(f"{where} has no input column '{name}'.{choices(name, numeric)}")
    values = frame[name].drop_nulls()
    such = f", but such values as '{values[0]}'" if len(values) else ""
    return UserError(f"{where}: column '{name}' holds no numbers{such}.{choices(name, numeric)}")


def require_names(columns: list[str] | None, step: str) -> None:
    """Raise UserError where a list of columns is given that names none, or one of them twice."""
    if columns is None:
        return
    if not columns:
        raise UserError(f"{step} names no column: leave columns out for all that it can look at.")
    twice = [name for name in columns if columns.count(name) > 1]
    if twice:
        raise UserError(f"{step} names the column '{twice[0]}' twice.")
