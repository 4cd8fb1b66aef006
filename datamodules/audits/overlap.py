"""Rows that stand in two parts."""

import numpy as np
import polars as pl

from datamodules.audits.audited import Audited
from datamodules.audits.finding import SHOWN, Finding, Severity
from datamodules.cleaning.copies import compared
from datamodules.row_hashes import row_hashes
from datamodules.splits.split import NOWHERE, Rows

MANY, SEVERAL = 0.01, 5
"""The share and number of held-out rows with a copy elsewhere from which figures are off."""
COARSE = 0.1
"""The share of training rows with a copy in training from which equal rows are a table's nature."""
BITS = 10
"""Equal rows of a table are no chance if their values need so many bits more than rows have."""


def overlap(audited: Audited) -> list[Finding]:
    """Find held-out rows that are copies of a row in another part.

    Validation and test rows are looked for in training, and test rows in validation. Rows of a
    table are copies where inputs and target are equal; images and texts where they themselves are.
    """
    hashes = contents(audited)
    lines = pl.DataFrame({"hash": hashes, "part": audited.part})
    lines = lines.with_row_index("row").filter(pl.col("part") != NOWHERE)
    earliest = lines.sort("part", "row", maintain_order=True).unique("hash", keep="first")
    twins = lines.join(earliest, on="hash", suffix="_first").filter(
        pl.col("part") > pl.col("part_first")
    )
    if not len(twins):
        return []
    twins = twins.sort("row")
    rows, first = twins["row"].to_numpy(), twins["row_first"].to_numpy()
    severity, coarse = _severity(audited, hashes, rows)
    held_out = len(audited.split.val) + len(audited.split.test)
    note = f"{len(rows)} of {held_out} held-out rows are copies of a row in another part"
    if coarse:
        note += ", as rows of few words or values are by chance"
    examples = [
        audited.example(row, other=int(twin))
        for row, twin in zip(rows[:SHOWN], first[:SHOWN], strict=True)
    ]
    advice = (
        "nothing: they are equal by the nature of such data"
        if coarse
        else "data.cleaning: [Duplicates] keeps the first of each; a fresh split keeps copies "
        "together"
    )
    return [Finding("overlap", severity, len(rows), note, advice, examples, rows=rows.tolist())]


def contents(audited: Audited) -> pl.Series:
    """Return a hash of what each row is, 64 bits: (N,)."""
    records = audited.records
    if records.images is not None:
        columns = []
    elif audited.text:
        columns = [audited.text]
    else:
        columns = [*compared(records, audited.seen), *audited.target]
    return pl.Series(row_hashes(records, columns))


def _severity(audited: Audited, hashes: pl.Series, rows: Rows) -> tuple[Severity, bool]:
    held_out = len(audited.split.val) + len(audited.split.test)
    if is_coarse(audited, rows, hashes):
        return "info", True
    return ("high" if len(rows) >= max(MANY * held_out, SEVERAL) else "warning"), False


def is_coarse(audited: Audited, rows: Rows, hashes: pl.Series | None = None) -> bool:
    """Tell whether rows are equal to others by the nature of a table, or of short texts.

    Args:
        audited: all rows.
        rows: (M,) that are equal to others.
        hashes: of all rows.
    """
    if audited.records.images is not None:
        return False
    if _repeats(audited, contents(audited) if hashes is None else hashes):
        return True
    return audited.is_table and _by_chance(audited, rows)


def _repeats(audited: Audited, hashes: pl.Series) -> bool:
    own = hashes[audited.split.train]
    return 1 - own.n_unique() / len(own) > COARSE


def _by_chance(audited: Audited, rows: Rows) -> bool:
    """Tell whether the values of the copies are so frequent that rows are equal by chance."""
    frame = audited.records.frame.select([*audited.seen, *audited.target])
    bits = np.zeros(len(rows))
    for column in frame:
        if column.dtype.is_nested():
            return False
        share = column.to_frame("v").select(pl.len().over("v") / len(frame))["len"]
        bits -= np.log2(share.to_numpy()[rows])
    return bool(np.median(bits) < np.log2(len(frame)) + BITS)
