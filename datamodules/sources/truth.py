"""Truth values, however a file spells them."""

import polars as pl

TRUE = ["true", "t", "yes", "y", "1", "1.0"]
FALSE = ["false", "f", "no", "n", "0", "0.0"]


def as_truth(column: pl.Series) -> pl.Series:
    """Return a column as true and false, null where a cell is neither; capitals do not count."""
    words = column.cast(pl.String, strict=False).str.strip_chars().str.to_lowercase()
    spelt = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
    return words.replace_strict(spelt, default=None, return_dtype=pl.Boolean)
