"""Words as whole numbers, with a place for padding and one for what training never saw."""

import hashlib
from typing import Any

import polars as pl

PADDING = 0
"""Id that fills a short text up."""

UNKNOWN = 1
"""Id of every word that has none of its own."""

_FIRST = 2


class Vocabulary:
    """Number the words of the training texts, the most frequent first.

    Id 0 is padding. Id 1 is a word that is unseen or too rare in training, so that its embedding
    is learnt from the rare ones. Words that are equally frequent are ordered by their spelling.

    Args:
        min_count: occurrences below which a word counts as rare.
        size: at most so many words get an id of their own.
    """

    def __init__(self, min_count: int = 2, size: int = 30_000) -> None:
        self.min_count = min_count
        self.size = size
        self.words = pl.Series("word", [], dtype=pl.String)

    def fit(self, words: pl.Series) -> None:
        """Learn from all words of the training texts, one after the other."""
        counts = words.alias("word").value_counts(name="count")
        common = counts.filter(pl.col("count") >= self.min_count)
        # ties in the order of a hash table would number one vocabulary in many ways
        ordered = common.sort("count", "word", descending=[True, False])
        self.words = ordered["word"].head(self.size)

    def __call__(self, words: pl.Series) -> pl.Series:
        """Return the id of each word: (M,) String -> (M,) Int64."""
        ids = pl.int_range(_FIRST, len(self), eager=True)
        return words.replace_strict(self.words, ids, default=UNKNOWN, return_dtype=pl.Int64)

    def __len__(self) -> int:
        """How many ids there are, padding and the unknown word included."""
        return len(self.words) + _FIRST

    @property
    def hash(self) -> str:
        """The beginning of the SHA-256 of the words in their order; equal hash, equal ids."""
        return hashlib.sha256(self._joined().encode()).hexdigest()[:16]

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {"min_count": self.min_count, "size": self.size, "words": self._joined()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        self.min_count = state["min_count"]
        self.size = state["size"]
        words = state["words"].split("\n") if state["words"] else []
        self.words = pl.Series("word", words, dtype=pl.String)

    def _joined(self) -> str:
        # one string is smaller and faster to save than thousands; no word holds a line's end
        return "\n".join(self.words)
