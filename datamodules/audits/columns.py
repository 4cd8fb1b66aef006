"""Columns that tell nothing, or nothing of their own."""

import polars as pl

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Finding


def constant(audited: Audited) -> list[Finding]:
    """Find columns with one value, or none, in all training rows."""
    if not audited.is_table:
        return []
    train = audited.train
    found = [name for name in audited.inputs if _is_constant(train[name])]
    if not found:
        return []
    told = ", ".join(f"'{name}'" for name in found)
    note = f"{told}: one value in all training rows, which the features leave out by themselves"
    first = audited.split.train[0]
    examples = [audited.example(first, name) for name in found[:3]]
    advice = f"data.leave_out: [{', '.join(found)}]"
    return [Finding("constant", "info", len(found), note, advice, examples, found)]


def duplicate_columns(audited: Audited) -> list[Finding]:
    """Find columns that are equal to an earlier one in all training rows."""
    if not audited.is_table:
        return []
    train = audited.train
    first: dict[int, str] = {}
    pairs = []
    for name in audited.inputs:
        column = train[name]
        if column.dtype.is_nested() or column.dtype == pl.Object or _is_constant(column):
            continue
        column = column.cast(pl.Float64) if column.dtype.is_numeric() else column
        key = hash(column.hash().to_numpy().tobytes())
        if key in first:
            pairs.append((name, first[key]))
        else:
            first[key] = name
    if not pairs:
        return []
    told = ", ".join(f"'{name}' is '{other}' again" for name, other in pairs)
    again = [name for name, _ in pairs]
    examples = [audited.example(audited.split.train[0], name) for name in again[:3]]
    advice = f"data.leave_out: [{', '.join(again)}]"
    return [Finding("duplicate_columns", "info", len(pairs), told, advice, examples, again)]


def _is_constant(column: pl.Series) -> bool:
    if column.dtype.is_nested() or column.dtype == pl.Object:
        return False
    return column.n_unique() <= 1
