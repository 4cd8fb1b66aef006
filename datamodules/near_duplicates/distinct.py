"""Rows that are equal as they stand, of which one is enough to look for others that are near."""

import numpy as np
import polars as pl

from datamodules.splits.split import Rows


def contents(rows: pl.DataFrame | pl.Series) -> Rows:
    """Return a number for what stands in each row: (N,), equal where rows are equal.

    The numbers follow what the rows hold, and not in which order they stand.
    """
    frame = rows.to_frame() if isinstance(rows, pl.Series) else rows
    hashes = frame.hash_rows().to_numpy()
    numbers: Rows = np.unique(hashes, return_inverse=True)[1]
    return numbers


def distinct(content: Rows, parts: Rows | None) -> Rows:
    """Return the first row of each content, in each part where there are parts: (M,).

    They stand in the order of their contents: what is found does not depend on that of the rows.
    """
    several = content if parts is None else content * (parts.max(initial=0) + 1) + parts
    rows: Rows = np.unique(several, return_index=True)[1]
    return rows
