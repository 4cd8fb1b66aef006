"""Whether the cells of a target hold several labels."""

import polars as pl

SEPARATORS = "|;,"
SHARE = 0.1
"""Of the cells, that hold a separator where it separates labels."""
AGAIN = 5
"""How often a label stands in the mean, at least: the parts of a sentence do not come again."""
LONGEST = 40
"""Characters of a label at most."""


def separator_of(column: pl.Series) -> str | None:
    """Return what stands between the labels of a cell; ``None`` where a cell is one value."""
    if column.dtype != pl.String:
        return None
    cells = column.drop_nulls()
    for separator in SEPARATORS:
        if _share(cells, separator) < SHARE:
            continue
        labels = cells.str.split(separator).explode().str.strip_chars()
        longest = labels.str.len_chars().max()
        assert isinstance(longest, int)
        names = labels.n_unique()
        if longest <= LONGEST and names < cells.n_unique() and len(labels) >= AGAIN * names:
            return separator
    return None


def _share(cells: pl.Series, separator: str) -> float:
    share = cells.str.contains(separator, literal=True).mean()
    return share if isinstance(share, float) else 0.0
