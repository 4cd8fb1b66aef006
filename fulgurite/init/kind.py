"""Whether rows are images, texts or a table."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from datamodules.features.column_types import pick_column_types
from datamodules.image import ImageDataModule
from datamodules.sources.folders import SUFFIXES
from datamodules.supervised import SupervisedDataModule
from datamodules.tabular import TabularDataModule
from datamodules.text import TextDataModule

WORDS = 5
"""A cell of a column of text has at least so many words, in the mean."""
OTHERS = 3
"""With so many other columns a table tells more than its text alone."""
LOOKED_AT = 5000
"""Rows that are looked at to tell texts from names."""


@dataclass(frozen=True)
class KindOfRows:
    """What rows are taken for.

    Attributes:
        datamodule: the class that reads them.
        text: the column of text to learn from.
        why: half a sentence.
    """

    datamodule: type[SupervisedDataModule]
    text: str | None
    why: str


def is_image_source(source: str | list[str]) -> bool:
    """Tell whether a source is an image or a folder that holds images, and no texts or tables."""
    if not isinstance(source, str):
        return False
    path = Path(source).expanduser()
    if path.is_file():
        return path.suffix.lower() in SUFFIXES
    return path.is_dir() and any(
        found.suffix.lower() in SUFFIXES for found in path.rglob("*") if found.is_file()
    )


def is_text_folder(source: str | list[str]) -> bool:
    """Tell whether a source is a folder without images."""
    return isinstance(source, str) and Path(source).expanduser().is_dir()


def kind_of_table(frame: pl.DataFrame, hidden: list[str], text: str | None) -> KindOfRows:
    """Decide by the columns beside the target whether a table is learnt from by a text in it.

    Args:
        frame: the rows.
        hidden: columns that are no inputs: the target, a group.
        text: the column that the user says is the text.
    """
    if text is not None:
        return KindOfRows(TextDataModule, text, f"'{text}' is the text, as you said")
    inputs = frame.drop(hidden, strict=False)
    images = [c.name for c in inputs if _are_image_paths(c)]
    if images:
        return KindOfRows(ImageDataModule, None, f"'{images[0]}' holds paths of images")
    texts = [column.name for column in inputs if _is_text(column)]
    others = _used(inputs.drop(texts))
    if not texts:
        return _without_texts(inputs, others)
    longest = _longest(inputs.select(texts))
    if len(others) >= OTHERS:
        return KindOfRows(
            TabularDataModule,
            None,
            f"{len(others)} columns are numbers and categories; to learn from the text in "
            f"'{longest}' instead, say --text {longest}",
        )
    beside = f"; not used: {', '.join(others)}" if others else ""
    return KindOfRows(TextDataModule, longest, f"'{longest}' holds texts{beside}")


def _without_texts(inputs: pl.DataFrame, others: list[str]) -> KindOfRows:
    """Decide about columns of which none is clearly a text."""
    words = inputs.select(pl.col(pl.String)).drop(others, strict=False)
    words = words.select(column.name for column in words if column.n_unique() > 1)
    if not words.width or len(others) >= OTHERS:
        return KindOfRows(TabularDataModule, None, "each row is numbers and categories")
    longest = _longest(words)
    if not others:
        why = f"'{longest}' is all that tells rows apart, and is read as text"
        return KindOfRows(TextDataModule, longest, why)
    why = f"each row is numbers and categories; to learn from '{longest}', say --text {longest}"
    return KindOfRows(TabularDataModule, None, why)


def _used(inputs: pl.DataFrame) -> list[str]:
    """Return the columns that a table is learnt from."""
    types = pick_column_types(inputs)
    return [*types.numeric, *types.dates, *types.categorical]


def _longest(texts: pl.DataFrame) -> str:
    return max(texts.columns, key=lambda name: texts[name].str.len_chars().mean() or 0)


def _is_text(column: pl.Series) -> bool:
    """Tell whether cells are several words each, and most of them different."""
    if column.dtype != pl.String:
        return False
    cells = column.head(LOOKED_AT).drop_nulls()
    if not len(cells):
        return False
    words = cells.str.count_matches(r"\S+").mean()
    return isinstance(words, float) and words >= WORDS and cells.n_unique() > len(cells) / 2


def _are_image_paths(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return False
    cells = column.head(LOOKED_AT).drop_nulls().str.to_lowercase()
    ends = pl.Series([any(cell.endswith(suffix) for suffix in SUFFIXES) for cell in cells])
    return len(ends) > 0 and bool(ends.all())
