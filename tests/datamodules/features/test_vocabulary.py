"""Words as numbers: which get one, in what order, and what names the whole."""

import hashlib

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datamodules.features.vocabulary import PADDING, UNKNOWN, Vocabulary

WORDS = ["b", "c", "a", "b", "c", "b", "rare", "a"]


def fitted(words: list[str], min_count: int = 2, size: int = 100) -> Vocabulary:
    vocabulary = Vocabulary(min_count, size)
    vocabulary.fit(pl.Series("any name", words, dtype=pl.String))
    return vocabulary


def ids(vocabulary: Vocabulary, words: list[str]) -> list[int]:
    return vocabulary(pl.Series(words, dtype=pl.String)).to_list()


def test_the_most_frequent_word_comes_first_and_ties_follow_their_spelling():
    vocabulary = fitted(WORDS)
    assert vocabulary.words.to_list() == ["b", "a", "c"]
    assert ids(vocabulary, ["b", "a", "c"]) == [2, 3, 4]


def test_rare_and_unseen_words_share_the_unknown_id():
    vocabulary = fitted(WORDS)
    assert ids(vocabulary, ["rare", "never seen", "B"]) == [UNKNOWN] * 3
    assert ids(fitted(WORDS, min_count=1), ["rare"]) == [5]
    assert ids(fitted(WORDS, min_count=3), ["a", "b"]) == [UNKNOWN, 2]


def test_the_size_keeps_the_most_frequent_words():
    vocabulary = fitted(WORDS, size=2)
    assert len(vocabulary) == 4
    assert ids(vocabulary, ["b", "a", "c"]) == [2, 3, UNKNOWN]


def test_no_words_at_all_have_no_ids():
    ids_of_none = fitted(WORDS)(pl.Series([], dtype=pl.String))
    assert ids_of_none.dtype == pl.Int64
    assert ids_of_none.len() == 0


@given(st.lists(st.text("abcé", min_size=1, max_size=2), min_size=1), st.randoms())
def test_the_order_of_the_words_changes_nothing_and_padding_stays_free(words, random):
    vocabulary = fitted(words, min_count=1)
    shuffled = random.sample(words, len(words))
    assert fitted(shuffled, min_count=1).words.to_list() == vocabulary.words.to_list()
    found = ids(vocabulary, words)
    assert sorted(set(found)) == list(range(2, len(vocabulary)))
    assert PADDING not in found


def test_the_hash_is_that_of_the_words_in_their_order():
    digest = hashlib.sha256(b"b\na\nc").hexdigest()
    assert fitted(WORDS).hash == digest[:16]
    hashes = {fitted(words).hash for words in (WORDS, [*WORDS, "rare"], [*WORDS, "c", "c"])}
    assert len(hashes) == 3  # one word more; the same words in another order


def test_the_state_is_one_string_of_words_and_restores_the_ids():
    vocabulary = fitted(WORDS)
    state = vocabulary.state_dict()
    assert state == {"min_count": 2, "size": 100, "words": "b\na\nc"}
    restored = Vocabulary(min_count=7, size=7)
    restored.load_state_dict(state)
    assert ids(restored, WORDS) == ids(vocabulary, WORDS)
    assert restored.hash == vocabulary.hash
    assert restored.state_dict() == state


def test_the_state_of_an_empty_vocabulary_restores_an_empty_one():
    restored = fitted(WORDS)
    restored.load_state_dict(Vocabulary().state_dict())
    assert len(restored) == 2
