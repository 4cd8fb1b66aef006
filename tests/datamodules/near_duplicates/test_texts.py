"""Texts that are all but the same."""

import numpy as np
import polars as pl

from datamodules.near_duplicates import texts as module
from datamodules.near_duplicates.texts import near_texts
from datamodules.splits.split import Rows

WORDS = [f"word{number}" for number in range(2000)]
RANDOM = np.random.default_rng(0)
TEXTS = [" ".join(RANDOM.choice(WORDS, RANDOM.integers(8, 30))) for _ in range(400)]
PARTS = np.repeat([0, 1], [400, 20])


def found(copies: list[str], parts: Rows | None = PARTS) -> set[tuple[int, int]]:
    pairs = near_texts(pl.Series(TEXTS + copies), parts)
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


TRUTH = {(row, 400 + row) for row in range(20)}


def changed(text: str) -> str:
    words = text.split()
    words[1], words[-1] = "never", "seen"
    return " ".join(words)


def test_two_changed_words_are_found_and_no_other_texts():
    copies = [changed(text) for text in TEXTS[:20]]
    assert found(copies) == found(copies, None) == TRUTH


def test_capitals_commas_and_spaces_do_not_count():
    pairs = near_texts(pl.Series([TEXTS[0], ",  ".join(TEXTS[0].upper().split())]))
    assert pairs.distance.tolist() == [0.0]


def test_copies_are_not_told_and_parts_are_respected():
    assert found(TEXTS[:20]) == set()
    assert found([changed(text) for text in TEXTS[:20]], np.zeros(420, dtype=np.int64)) == set()


def test_common_words_alone_tell_nothing():
    random = np.random.default_rng(1)
    common = [" ".join(random.choice(WORDS[:40], 6)) for _ in range(800)]
    assert len(near_texts(pl.Series(common))) == 0


def test_three_changed_words_are_found_where_the_others_are_rare():
    rare, common = "storks nest above our chapel", "they said that it was"
    other = [text for text in TEXTS if len(text.split()) < 20]
    texts = [f"{rare} {end}" for end in ("all through june", "since last year")]
    often = [f"{common} {end}" for end in ("all through july", "since yesterday evening")]
    mixed = [f"{common} {text}" for text in other]
    found = near_texts(pl.Series(texts + often + mixed))
    assert (found.first.tolist(), found.second.tolist()) == ([0], [1])


def test_a_word_that_is_said_often_tells_no_more_than_once():
    cries = [f"{'go ' * 9} {number}a {number}b {number}c" for number in range(60)]
    assert len(near_texts(pl.Series(TEXTS[:200] + cries))) == 0


def test_many_equal_texts_cost_no_more_than_one():
    pairs = near_texts(pl.Series(["the gate was closed at noon today"] * 100_000))
    assert len(pairs) == 0


def test_the_commonest_words_are_left_out_where_too_many_texts_have_them(monkeypatch):
    texts = pl.Series([TEXTS[0], changed(TEXTS[0])])
    assert len(near_texts(texts)) == 1
    monkeypatch.setattr(module, "MEETINGS", 1)
    assert len(near_texts(texts)) == 0


def test_scripts_without_spaces_are_read_letter_by_letter():
    texts = pl.Series(
        ["今天天气很好我们去公园", "今天天气很好我们去花园", "机器学习的模型需要数据"]
    )
    pairs = near_texts(texts)
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([0], [1])


def test_missing_short_and_no_texts():
    assert len(near_texts(pl.Series([None, None, "", "a b", "a b!"], dtype=pl.String))) == 0
    assert len(near_texts(pl.Series([], dtype=pl.String))) == 0
