"""What people call the three parts."""

from collections.abc import Sequence

import polars as pl

from datamodules.errors import UserError, choices
from datamodules.splits.split import PARTS
from datamodules.splits.splitter import Parts

WORDS = {
    "train": ("train", "training", "fit", "learn"),
    "val": ("val", "valid", "validation", "validate", "dev", "development"),
    "test": ("test", "testing", "holdout", "held out", "heldout", "held-out", "eval"),
}
CODES = {word: PARTS.index(part) for part, words in WORDS.items() for word in words}


def part_of(word: str) -> int | None:
    """Return the part that a word means: 0 training, 1 validation, 2 test."""
    return CODES.get(word.strip().casefold().replace("_", " "))


def parts_named(values: pl.Series, place: str, rows: Sequence[int] | None = None) -> Parts:
    """Return the part that each value means: (M,).

    Args:
        values: words; a missing one is an error.
        place: where they stand, for messages.
        rows: their row numbers, for messages.

    Raises:
        UserError: a word means no part.
    """
    words = values.cast(pl.String).fill_null("")
    different = words.unique(maintain_order=True).to_list()
    known = {word: part_of(word) for word in different}
    strange = [word for word, part in known.items() if part is None]
    if strange:
        marks = (words == strange[0]).arg_true()
        first = marks[0] if rows is None else rows[marks[0]]
        is_word = f"is '{strange[0]:.40}'" if strange[0] else "is missing"
        raise UserError(
            f"{place} {is_word} in row {first + 1}, which is no part of a split."
            f"{choices(strange[0], PARTS)}"
        )
    codes = words.replace_strict(different, [known[word] for word in different])
    return codes.cast(pl.Int8).to_numpy()
