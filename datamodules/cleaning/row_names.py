"""Columns that only name rows, such as numbers of customers."""

import re

import numpy as np
import polars as pl

from datamodules.features.moments import moment_kind

CALLED_TIME = re.compile(
    r"(?i)(^|[_ .-])(year|yr|date|time|timestamp|datetime|unixtime|epoch|when|ts|day|days|week|"
    r"month|quarter|period|hour)$"
)
UNIQUE = 0.98
"""The share of rows that have a value of their own under an identifier."""
FEWEST = 50
WORDS = 3
"""Words in a cell, in the mean, from which it is a text or a title and no name of a row."""
_NAME = re.compile(
    r"(?:^|[_ .-])(?i:id|ids|idx|index|key|uuid|guid|uid|pid|serial|code|rownames?|row|nr|no)\d*$"
    r"|[a-z](?:ID|Id|No|Nr|Key|Code)$|^(?i:id|index|uuid|guid|key)(?:[_ .-]|$)"
)


def names_rows(column: pl.Series) -> bool:
    """Tell whether a column names rows."""
    known = column.drop_nulls()
    if len(known) < max(FEWEST, 0.5 * len(column)) or known.dtype.is_nested():
        return False
    if known.dtype in (pl.Binary, pl.Object) or known.n_unique() < UNIQUE * len(known):
        return False
    if moment_kind(column) is not None or CALLED_TIME.search(column.name):
        return False
    if known.dtype.is_float():
        whole = known.is_finite().all() and bool((known == known.round()).all())
        return whole and _NAME.search(column.name) is not None
    return _words(known) < WORDS if known.dtype == pl.String else _names(known)


def _names(numbers: pl.Series) -> bool:
    """Tell whether whole numbers name rows: they count them, are called so or are drawn evenly."""
    if not numbers.dtype.is_integer():
        return False
    lowest, highest = int(numbers.min()), int(numbers.max())  # type: ignore[arg-type]
    if highest - lowest + 1 <= 1.1 * len(numbers):
        return True
    if _NAME.search(numbers.name):
        return True
    return len(numbers) >= 500 and lowest > 0 and _is_even(numbers)


def _is_even(numbers: pl.Series) -> bool:
    """Tell whether numbers are as even as a uniform draw: Kolmogorov's distance, at 1.36/sqrt(n).

    Nothing that is measured is; what a computer draws to name things is.
    """
    values = np.sort(numbers.cast(pl.Float64).to_numpy())
    share = (values - values[0]) / (values[-1] - values[0])
    distance = np.abs(share - np.linspace(0, 1, len(values))).max()
    return bool(distance < 1.36 / len(values) ** 0.5)


def _words(texts: pl.Series) -> float:
    mean = texts.head(2000).str.count_matches(r"\S+").mean()
    return float(mean) if isinstance(mean, int | float) else 0.0
