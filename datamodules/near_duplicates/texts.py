"""Texts that are all but the same."""

import polars as pl

from datamodules.near_duplicates.pairs import Pairs
from datamodules.splits.split import Rows

ALIKE = 0.75
"""Share of the words of two texts, taken together, that near-duplicates have in common."""
FEWEST = 5
"""Words of a text below which a likeness means nothing."""
WORD = r"[\p{L}\p{M}\p{N}]+"


def near_texts(texts: pl.Series, parts: Rows | None = None) -> Pairs:
    """Find pairs of texts that have three quarters of their words in common.

    The likeness is Jaccard's, of words in small letters, each counted as often as it stands there.
    Every such pair is found: it shares a word among the rarest few of both texts, and texts that
    share none are never compared (prefix filtering: Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma
    and Srikant 2007).

    Args:
        texts: (N,) strings; a missing one is like no other.
        parts: (N,) the part of each text, where only pairs of two parts are wanted.

    Returns:
        The pairs; their distance is one less the likeness.
    """
    words = _words(texts)
    pairs = _candidates(words, parts)
    likeness = _shared(words, pairs)
    return Pairs.of(likeness.select("a", "b").to_numpy(), likeness["distance"].to_numpy())


def _words(texts: pl.Series) -> pl.DataFrame:
    """Return a line for each word of each text: ``row``, ``word`` as a number by rarity, ``size``.

    The second time that a text has a word, it counts as another word.
    """
    found = texts.str.to_lowercase().str.extract_all(WORD)
    lines = pl.DataFrame({"row": pl.arange(len(texts), eager=True), "text": found})
    lines = lines.filter(pl.col("text").list.len() >= FEWEST).with_columns(
        size=pl.col("text").list.len()
    )
    lines = lines.explode("text").with_columns(
        time=pl.int_range(pl.len()).over("row", "text"),
    )
    counts = lines.group_by("text", "time").len().sort("len", "text", "time")
    numbered = counts.with_row_index("word").select("text", "time", "word")
    return lines.join(numbered, on=["text", "time"]).select("row", "word", "size")


def _candidates(words: pl.DataFrame, parts: Rows | None) -> pl.DataFrame:
    """Return pairs of texts that share one of their rarest words: ``a`` < ``b``."""
    rank = pl.col("word").rank("ordinal").over("row")
    # more words than this cannot be missing in common; the first of them must be there
    rarest = words.filter(rank <= pl.col("size") - (pl.col("size") * ALIKE).ceil() + 1)
    both = rarest.join(rarest, on="word", suffix="_b").filter(
        (pl.col("row") < pl.col("row_b"))
        & (pl.col("size") >= ALIKE * pl.col("size_b"))
        & (pl.col("size_b") >= ALIKE * pl.col("size"))
    )
    pairs = both.select(a="row", b="row_b").unique()
    if parts is None:
        return pairs
    return pairs.filter(pl.Series(parts[pairs["a"].to_numpy()] != parts[pairs["b"].to_numpy()]))


def _shared(words: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that are near, with their distance."""
    sets = words.group_by("row").agg("word", pl.col("size").first())
    both = pairs.join(sets, left_on="a", right_on="row").join(
        sets, left_on="b", right_on="row", suffix="_b"
    )
    shared = pl.col("word").list.set_intersection("word_b").list.len()
    likeness = shared / (pl.col("size") + pl.col("size_b") - shared)
    return both.select("a", "b", distance=1 - likeness).filter(pl.col("distance") <= 1 - ALIKE)
