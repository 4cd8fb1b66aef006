"""A single word or phrase that tells the target nearly alone."""

import numpy as np
import polars as pl

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Finding
from datamodules.audits.one_feature import targets_of
from datamodules.features.values import as_text
from datamodules.splits.split import Rows

ROWS = 5000
STRONG = 0.7
RATIO = 2.0
LEAST = 0.01
"""The share of texts that a word has to stand in."""
WORD = r"[\p{L}\p{M}\p{N}_]+"


def text_leak(audited: Audited) -> list[Finding]:
    """Find a word, or a phrase of two, that stands in nearly all texts of a class and no others.

    How well it tells the class is Youden's J (1950): the share of the class's texts with it, less
    that of the others'. It is held against the best word that stands in other texts: where many
    words tell, as of texts in two languages, none of them is a leak.
    """
    if audited.text is None or len(audited.split.train) < 50:
        return []
    places = audited.sample(ROWS)
    texts = as_text(audited.records.frame[audited.text][audited.split.train[places]])
    words = _words(texts)
    findings = []
    for name, target, classes in targets_of(audited, places):
        labels = target.astype(np.int64) if classes else (target > 0.5).astype(np.int64)
        for each in np.unique(labels) if labels.max() > 1 else [1]:
            finding = _telling(audited, words, labels == each, places, name)
            if finding is not None:
                findings.append(finding)
    return findings[:5]


def _words(texts: pl.Series) -> pl.DataFrame:
    """Return a line for each word or pair of words of each text: ``row``, ``word``."""
    found = texts.str.to_lowercase().str.extract_all(WORD)
    lines = pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "word": found})
    lines = lines.explode("word").drop_nulls("word")
    following = pl.col("word").shift(-1).over("row")
    pairs = lines.select("row", word=pl.col("word") + " " + following).drop_nulls("word")
    both = pl.concat([lines, pairs]).unique()
    return both.filter(pl.len().over("word") >= LEAST * len(texts))


def _telling(
    audited: Audited, words: pl.DataFrame, wanted: np.ndarray, places: Rows, name: str
) -> Finding | None:  # fmt: skip
    inside, count = int(wanted.sum()), len(wanted)
    if not 10 <= inside < count:
        return None
    marks = pl.Series(wanted)
    scores = (
        words.with_columns(own=marks.gather(words["row"]))
        .group_by("word")
        .agg(own=pl.col("own").sum(), all=pl.len())
        .with_columns(j=pl.col("own") / inside - (pl.col("all") - pl.col("own")) / (count - inside))
        .with_columns(strength=pl.col("j").abs())
        .sort("strength", "word", descending=[True, False])
    )
    if not len(scores) or scores["strength"][0] < STRONG:
        return None
    word, strength = scores["word"][0], float(scores["strength"][0])
    other = _runner_up(words, scores.head(200), word)
    if 1 - other < RATIO * (1 - strength):
        return None
    with_it = words.filter(pl.col("word") == word)["row"].sort().head(3).to_numpy()
    rows = audited.split.train[places[with_it]]
    note = (
        f"the word '{word}' alone tells {strength:.0%} of a class of '{name}', no other more than "
        f"{other:.0%}: is it written with the class in mind?"
    )
    advice = f"take '{word}' out of the texts, or learn from texts that were written before"
    examples = [audited.example(row, audited.text) for row in rows]
    return Finding("target_leak", "high", 1, note, advice, examples, [str(audited.text)])


def _runner_up(words: pl.DataFrame, scores: pl.DataFrame, word: str) -> float:
    """Return how well the best word tells that stands in other texts than ``word`` does."""
    rows = words.filter(pl.col("word") == word)["row"]
    counts = words.with_columns(both=pl.col("row").is_in(rows.implode())).group_by("word")
    shared = counts.agg(both=pl.col("both").sum(), every=pl.len())
    alike = 2 * pl.col("both") / (pl.col("every") + len(rows))
    others = scores.join(shared.filter(alike < 0.8), on="word", how="inner")
    return float(others["strength"].max() or 0.0)  # type: ignore[arg-type]
