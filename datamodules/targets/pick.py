"""Which kind of target the columns hold."""

import re

import polars as pl

from datamodules.errors import UserError, choices
from datamodules.spec import TargetSpec
from datamodules.targets.classes import Classes
from datamodules.targets.labels import Labels
from datamodules.targets.numbers import Numbers
from datamodules.targets.target import Target, Task

MOST_CODES = 20
"""Whole numbers with at most so many values, each of some rows, are taken as classes."""
ROWS_A_CODE = 10


def check_columns(frame: pl.DataFrame, columns: list[str], what: str, origin: str) -> None:
    """Raise UserError for the first column that is not there.

    Args:
        frame: where the columns should be.
        columns: their names.
        what: what they are for, such as ``"target"``.
        origin: where the rows came from.
    """
    for name in columns:
        if name not in frame.columns:
            told = choices(name, frame.columns) + _no_header(frame.columns)
            raise UserError(f"--data.{what}: {origin} has no column '{name}'.{told}")


def _no_header(names: list[str]) -> str:
    """Return a sentence where the names of columns look like values, or nothing."""
    numbers = [name for name in names if re.fullmatch(r"-?\d+(\.\d+)?", name)]
    if 3 * len(numbers) < len(names):
        return ""
    return " These look like values: the first line should name the columns."


def pick_target(
    frame: pl.DataFrame, columns: list[str], task: Task | None, separator: str | None, origin: str
) -> Target:
    """Decide by the columns' types and values, unless the user says what the task is.

    Args:
        frame: usable rows.
        columns: of the target.
        task: what the user says it is.
        separator: what stands between several labels in a cell.
        origin: where the rows came from.

    Raises:
        UserError: if the columns hold nothing of that kind.
    """
    task = task or _task(frame, columns, separator)
    if task == "multilabel":
        return Labels.of(frame, columns, separator, origin)
    if task == "regression":
        return Numbers(columns)
    if len(columns) > 1:
        raise UserError(
            f"{origin}: classification has one target column, not {len(columns)}: say task: "
            f"multilabel if each column is a label, or regression if they are numbers."
        )
    return Classes.of(frame, columns[0], origin)


def known_target(spec: TargetSpec, columns: list[str], separator: str | None) -> Target:
    """Return the target that a trained model knows."""
    if spec.kind == "regression":
        return Numbers(columns)
    if spec.kind == "multilabel":
        return Labels(columns, spec.names, separator)
    return Classes(columns[0], spec.names)


def _task(frame: pl.DataFrame, columns: list[str], separator: str | None) -> Task:
    if len(columns) > 1:
        marks = all(_is_mark(frame[name]) for name in columns)
        return "multilabel" if marks else "regression"
    column = frame[columns[0]]
    if separator or column.dtype.is_nested():
        return "multilabel"
    return "regression" if column.dtype.is_numeric() and not _is_code(column) else "classification"


def _is_mark(column: pl.Series) -> bool:
    if column.dtype == pl.Boolean:
        return True
    return column.dtype.is_numeric() and bool(((column == 0) | (column == 1)).all())


def _is_code(column: pl.Series) -> bool:
    """Tell whether numbers are few whole ones, such as 0 and 1 or grades."""
    values = column.n_unique()
    if values > 2 and values > min(MOST_CODES, len(column) // ROWS_A_CODE):
        return False
    return column.dtype.is_integer() or bool((column == column.round()).all())
