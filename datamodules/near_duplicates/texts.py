"""Texts that are all but the same."""

import numpy as np
import polars as pl

from datamodules.near_duplicates.distinct import contents, distinct
from datamodules.near_duplicates.pairs import Pairs, nearest_of_each
from datamodules.splits.split import Rows

ALIKE = 0.75
"""Share of the words of two texts, taken together, that near-duplicates have in common."""
CHANGED = 3
"""Words of a text that may differ whatever its length, where what is left is telling."""
FEWEST = 5
"""Words of a text below which a likeness means nothing."""
TELLING = 2.0
"""Least logarithm of how rare the words in common are, in units of that of the number of texts."""
MEETINGS = 30_000_000
"""Pairs of texts with a word in common that are looked at; the commonest words are left out."""
BLOCK = 3_000_000
WORD = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{M}\p{N}]+"
"""A word, or a letter of a script that sets no spaces between words."""


def near_texts(texts: pl.Series, parts: Rows | None = None) -> Pairs:
    """Find pairs of texts that have three quarters of their words in common.

    The likeness is Jaccard's, of words in small letters, each counted as often as it stands there.
    Short texts are near, too, where each has at most three words that the other has not, and those
    in common are rare ones. Such a pair shares a word among the rarest few of both texts, and texts
    that share none are never compared (prefix filtering: Chaudhuri, Ganti and Kaushik 2006;
    Bayardo, Ma and Srikant 2007). Texts that are equal to the letter are copies, and not told here.

    Args:
        texts: (N,) strings; a missing one is like no other.
        parts: (N,) the part of each text, where only pairs of two parts are wanted.

    Returns:
        The pairs, of each text the nearest partner, and the first among copies; their distance is
        one less the likeness.
    """
    content = contents(texts)
    rows = distinct(content, parts)
    words = _words(texts[rows])
    sets = words.group_by("row", maintain_order=True).agg("word", pl.col("size").first(), "rarity")
    sets = sets.with_columns(content=pl.Series(content[rows])[sets["row"]])
    if parts is not None:
        sets = sets.with_columns(part=pl.Series(parts[rows])[sets["row"]])
    least = TELLING * float(np.log(max(len(rows), 2)))
    found = [_shared(sets, pairs, least) for pairs in _candidates(words, sets)]
    near = pl.concat([_nothing(), *found]).unique(["a", "b"])
    ends = rows[near.select("a", "b").to_numpy().astype(np.int64)]
    distance = near["distance"].to_numpy()
    best = nearest_of_each(ends, distance, parts)
    return Pairs.of(ends[best], distance[best])


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"a": pl.Int64, "b": pl.Int64, "distance": pl.Float64})


def _words(texts: pl.Series) -> pl.DataFrame:
    """Return a line for each word of each text: ``row``, ``word``, ``size``, ``rarity``, ``len``.

    Words are numbered from the rarest on; the second time that a text has a word, it counts as
    another word. Their rarity is the log of one over the share of texts that have them, of a second
    time among the texts that have the first.
    """
    found = texts.str.to_lowercase().str.extract_all(WORD)
    row = pl.int_range(len(texts), dtype=pl.Int64, eager=True)
    lines = pl.DataFrame({"row": row, "text": found})
    lines = lines.filter(pl.col("text").list.len() >= FEWEST).with_columns(
        size=pl.col("text").list.len().cast(pl.Int64)
    )
    lines = lines.explode("text").with_columns(
        time=pl.int_range(pl.len()).over("row", "text"),
    )
    counts = lines.group_by("text", "time").len().sort("len", "text", "time")
    before = pl.col("len").shift(1, fill_value=len(texts)).over("text", order_by="time")
    numbered = counts.with_row_index("word").with_columns(rarity=(before / pl.col("len")).log())
    joined = lines.join(numbered, on=["text", "time"])
    return joined.select("row", "word", "size", "rarity", "len").sort("row", "word")


def _candidates(words: pl.DataFrame, sets: pl.DataFrame) -> list[pl.DataFrame]:
    """Return blocks of pairs of texts that share one of their rarest words: ``a`` < ``b``."""
    rank = pl.int_range(pl.len()).over("row")
    # more words than this cannot be missing in common; the first of them must be there
    missing = pl.max_horizontal(pl.col("size") - (pl.col("size") * ALIKE).ceil(), pl.lit(CHANGED))
    rarest = words.filter(rank <= missing).select("row", "word", "size")
    shared = rarest.group_by("word").len().filter(pl.col("len") > 1).sort("len", "word")
    work = pl.col("len").cast(pl.Float64).pow(2).cum_sum()
    shared = shared.with_columns(block=(work / BLOCK).cast(pl.Int64)).filter(work <= MEETINGS)
    extra = sets.select("row", pl.exclude("word", "size", "rarity", "row"))
    rarest = rarest.join(shared.select("word", "block"), on="word").join(extra, on="row")
    return [_meeting(block) for block in rarest.sort("row").partition_by("block")]


def _meeting(lines: pl.DataFrame) -> pl.DataFrame:
    near = (pl.col("size") >= ALIKE * pl.col("size_b")) | (
        pl.col("size") + CHANGED >= pl.col("size_b")
    )
    back = (pl.col("size_b") >= ALIKE * pl.col("size")) | (
        pl.col("size_b") + CHANGED >= pl.col("size")
    )
    fit = (
        (pl.col("row") < pl.col("row_b")) & near & back & (pl.col("content") != pl.col("content_b"))
    )
    if "part" in lines.columns:
        fit &= pl.col("part") != pl.col("part_b")
    both = lines.lazy().join(lines.lazy(), on="word", suffix="_b").filter(fit)
    return both.select(a="row", b="row_b").unique().collect()


def _shared(sets: pl.DataFrame, pairs: pl.DataFrame, least: float) -> pl.DataFrame:
    """Return the pairs that are near, with their distance.

    Args:
        sets: the words of each text.
        pairs: candidates, in the columns ``a`` and ``b``.
        least: how telling the words in common have to be.
    """
    blocks = [_nothing()]
    for start in range(0, len(pairs), BLOCK // 10):
        block = pairs.slice(start, BLOCK // 10)
        both = block.join(sets, left_on="a", right_on="row").join(
            sets, left_on="b", right_on="row", suffix="_b"
        )
        common = pl.col("word").list.set_intersection("word_b")
        shared = common.list.len().cast(pl.Int64)
        likeness = shared / (pl.col("size") + pl.col("size_b") - shared)
        few = pl.max_horizontal("size", "size_b") - shared <= CHANGED
        # the rarest words of the one are at least as telling as those in common
        most = pl.col("rarity").list.sort(descending=True).list.head(shared).list.sum()
        near = (likeness >= ALIKE) | (few & (most > least))
        both = both.filter(near & (shared > 0)).with_columns(distance=1 - likeness, common=common)
        blocks.append(both.filter(_alike_or_telling(both, least)).select("a", "b", "distance"))
    return pl.concat(blocks)


def _alike_or_telling(pairs: pl.DataFrame, least: float) -> pl.Series:
    """Return which pairs have most words in common, or such rare ones: (P,)."""
    words = pairs.select(pl.int_range(pl.len()).alias("pair"), "common", "word", "rarity")
    rare = words.explode("word", "rarity").filter(pl.col("word").is_in(pl.col("common")))
    telling = rare.group_by("pair").agg(pl.col("rarity").sum()).filter(pl.col("rarity") > least)
    return (pairs["distance"] <= 1 - ALIKE) | words["pair"].is_in(telling["pair"].implode())
