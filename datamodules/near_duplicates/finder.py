"""Rows that are all but copies of one another, whatever the rows are."""

from dataclasses import dataclass

import polars as pl
import torch

from datamodules.fingerprint import digests_of
from datamodules.near_duplicates.clusters import clusters_of
from datamodules.near_duplicates.distinct import contents
from datamodules.near_duplicates.images import near_images
from datamodules.near_duplicates.pairs import Pairs
from datamodules.near_duplicates.tables import MOST_ROWS, near_rows
from datamodules.near_duplicates.texts import near_texts
from datamodules.records import Records
from datamodules.splits.split import Rows

SOME = 10
"""Pairs that meet by chance below which nobody needs to know of them."""


@dataclass(frozen=True)
class Found:
    """What was found, and what could not be.

    Attributes:
        pairs: rows that are all but copies; copies themselves are not among them.
        content: (N,) a number for each row, the same for rows that are copies.
        note: a sentence where a finder stays silent, or nothing.
    """

    pairs: Pairs
    content: Rows
    note: str = ""

    def clusters(self, most: int = 100) -> Rows:
        """Return which rows belong together, copies and near-duplicates: (N,) int64.

        Args:
            most: members of a cluster, where copies count once.
        """
        return clusters_of(self.pairs, len(self.content), most=most, content=self.content)


def near_duplicates(
    records: Records, inputs: list[str], text: str | None = None, parts: Rows | None = None
) -> Found:
    """Find rows that differ by a small motion, brightness and noise, a few words, or rounding.

    Args:
        records: every row.
        inputs: the columns that a model may see, of a table.
        text: the column of text to learn from, where there is one.
        parts: (N,) the part of each row, where only pairs of two parts are wanted.
    """
    if records.images is not None:
        digests = digests_of(records, records.images).numpy()
        content = contents(pl.Series([digest.tobytes() for digest in digests], dtype=pl.Binary))
        among = None if parts is None else torch.from_numpy(parts)
        return Found(near_images(records.images, among), content)
    if text is not None:
        texts = records.frame[text].cast(pl.String)
        return Found(near_texts(texts, parts), contents(texts))
    frame = _comparable(records.frame.select(inputs))
    pairs = near_rows(frame, parts)
    return Found(pairs, contents(frame), _silence(frame, pairs))


def _comparable(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose cells are numbers, words, dates or truth values."""
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    as_text = [pl.Series(name, [str(cell) for cell in frame[name]]) for name in nested]
    return frame.with_columns(as_text)


def _silence(frame: pl.DataFrame, pairs: Pairs) -> str:
    if not any(dtype.is_numeric() for dtype in frame.dtypes):
        return (
            "near-duplicates of a table are rows with rounded numbers, and this one has no numbers"
        )
    if pairs.untold > max(SOME, len(pairs)):
        return (
            f"{pairs.untold} further pairs of rows differ by rounding alone and are not told, as"
            " chance brings as many together in a table where rows are so much alike"
        )
    if len(frame) > MOST_ROWS:
        return (
            f"rows of which some columns are rounded and others not are looked for in up to"
            f" {MOST_ROWS} rows, and this table has {len(frame)}"
        )
    return ""
