"""Rows that are all but copies of a row in another part."""

import numpy as np
import polars as pl

from datamodules.audits.audited import Audited
from datamodules.audits.finding import SHOWN, Finding, Severity
from datamodules.audits.overlap import MANY, SEVERAL, is_coarse
from datamodules.features.values import as_text
from datamodules.near_duplicates import finder
from datamodules.near_duplicates.pairs import Pairs
from datamodules.splits.split import Rows

NOTORIOUS = 0.03
"""The share of held-out rows from which near-duplicates are known to mislead: of the test images of
CIFAR-10, 3.3 % have one in training (Barz and Denzler 2020)."""
SHORT = 10
"""Texts of fewer words, such as the titles of two parts of a film, may be alike by chance."""
ALIKE = 0.05
"""A share of short texts that says more."""
TINY = 16
"""Pixels of a side below which images may be alike by chance."""


def near_duplicates(audited: Audited) -> list[Finding]:
    """Find held-out rows that are all but copies of a row in another part."""
    used = np.flatnonzero(audited.part >= 0)
    pairs = near_pairs(audited, used)
    first, second = used[pairs.first], used[pairs.second]
    swap = audited.part[first] > audited.part[second]
    kept, held_out = np.where(swap, second, first), np.where(swap, first, second)
    rows, places = np.unique(held_out, return_index=True)
    if not len(rows):
        return []
    count = len(audited.split.val) + len(audited.split.test)
    severity = _severity(audited, rows, count)
    note = f"{len(rows)} of {count} held-out rows are all but copies of a row in another part"
    nearest = np.sort(places)[:SHOWN]
    examples = [audited.example(held_out[p], other=int(kept[p])) for p in nearest]
    advice = "data.split.near_duplicates: true keeps them together in a fresh split by chance"
    return [
        Finding("near_duplicates", severity, len(rows), note, advice, examples, rows=rows.tolist())
    ]


def _severity(audited: Audited, rows: Rows, count: int) -> Severity:
    """Say how bad it is; rows of a table may be alike because there is little to tell them by."""
    if is_coarse(audited, rows):
        return "info"
    if audited.text is not None and _words(audited.records.frame[audited.text][rows]) < SHORT:
        return "warning" if len(rows) >= ALIKE * count else "info"
    images = audited.records.images
    tiny = images is not None and min(images.shape[2:]) < TINY
    if audited.is_table or tiny:
        return "warning" if len(rows) >= max(MANY * count, SEVERAL) else "info"
    return "high" if len(rows) >= max(NOTORIOUS * count, SEVERAL) else "warning"


def _words(texts: pl.Series) -> float:
    median = as_text(texts).str.count_matches(r"\S+").median()
    return float(median) if isinstance(median, int | float) else 0.0


def near_pairs(audited: Audited, used: Rows) -> Pairs:
    """Return pairs of near-duplicates in two parts, by their places in ``used``."""
    records = audited.records
    rows = records if len(used) == len(records) else records.take(used)
    parts = audited.part[used].astype(np.int64)
    return finder.near_duplicates(rows, audited.seen, audited.text, parts).pairs
