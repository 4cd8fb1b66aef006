"""Divide rows: copies stay together, and what came of it is told and kept."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datamodules.cleaning.copies import compared
from datamodules.errors import UserError
from datamodules.hyperparameters import NotPlain, as_config
from datamodules.records import Records
from datamodules.row_hashes import Hashes, content_columns, row_hashes_of_both
from datamodules.splits.copies import find_copies
from datamodules.splits.given import SplitFile
from datamodules.splits.shares import ShareSplit
from datamodules.splits.split import NOWHERE, Rows, Split
from datamodules.splits.splitter import Splitter, Undivided
from datamodules.splits.table import SplitTable


@dataclass(frozen=True)
class Division:
    """Rows that are divided.

    Attributes:
        split: which row is in which part.
        table: the same by what the rows hold, as a file keeps it.
        notes: what is worth telling, one sentence each.
        inputs: the columns by which rows are copies of one another.
        of_inputs: (N,) uint64, the hash of each row by these.
    """

    split: Split
    table: SplitTable
    notes: list[str]
    inputs: list[str]
    of_inputs: Hashes


def divide(
    splitter: Splitter,
    records: Records,
    rows: Rows,
    strata: Rows,
    inputs: list[str],
    *,
    classes: list[str] | None = None,
    labels: NDArray[np.bool_] | None = None,
    fingerprint: str = "",
) -> Division:
    """Divide rows, with copies in one part.

    Args:
        splitter: says which rows go where.
        records: every row of the source.
        rows: (M,) the numbers of the usable ones.
        strata: (M,) a whole number for each, by which the split is stratified.
        inputs: the columns that a model sees, beside images: rows equal in them are copies.
        classes: the names of the strata, where they are classes.
        labels: (M, L) which of several labels each row has.
        fingerprint: of the data.

    Raises:
        UserError: the rows cannot be divided so.
    """
    columns = content_columns(records)
    inputs = compared(records, inputs)
    of_inputs, hashes = row_hashes_of_both(records, inputs)
    near = bool(getattr(splitter, "near_duplicates", False))
    copies = find_copies(records, rows, inputs, of_inputs[rows], near=near)
    nowhere = np.full(len(rows), NOWHERE, dtype=np.int16)
    undivided = Undivided(records, rows, strata, copies.together, hashes, nowhere, classes, labels)
    split = splitter(undivided)
    _check(split, splitter, undivided)
    parts = split.parts(len(records))
    kept = np.flatnonzero(parts != NOWHERE)
    about = {"merged": copies.as_plain(), "in_no_part": len(rows) - len(kept)}
    recipe = splitter.recipe if isinstance(splitter, SplitFile) else plain(splitter)
    hidden = list(splitter.leave_out)
    table = SplitTable(hashes[kept], parts[kept], columns, recipe, fingerprint, about, hidden)
    notes = [*copies.notes(parts[rows]), *undivided.notes]
    return Division(split, table, notes, inputs, of_inputs)


def plain(splitter: Splitter) -> dict[str, Any] | None:
    """Return a splitter as ``{class_path, init_args}``; ``None`` where it cannot be told so."""
    try:
        told: dict[str, Any] = as_config(splitter)
        if is_dataclass(splitter):  # defaults too, which a later release may change
            told["init_args"] = {
                each.name: as_config(getattr(splitter, each.name)) for each in fields(splitter)
            }
    except NotPlain:
        return None
    return told


def _check(split: Sequence[Rows], splitter: Splitter, undivided: Undivided) -> None:
    """Raise UserError where a part overlaps another, or is empty that is wanted."""
    train, val, test = split
    held = np.concatenate([train, val, test])
    twice = len(held) - len(np.unique(held))
    if twice:
        name = type(splitter).__name__
        raise UserError(f"--data.split: {name} puts {twice} rows into more than one part.")
    count, different = len(undivided), len(np.unique(undivided.together))
    rows = f"{count} usable rows" + (f", {different} of them different," * (different < count))
    if not len(train):
        raise UserError(f"{undivided.records.origin}: {rows} are too few to train on and hold out.")
    wants = isinstance(splitter, ShareSplit) and splitter.val + splitter.test > 0
    if wants and not len(val) + len(test):
        raise UserError(
            f"{undivided.records.origin}: {rows} are too few to hold some of them out: "
            f"bring more, or train on all with --data.split.val 0 --data.split.test 0."
        )
