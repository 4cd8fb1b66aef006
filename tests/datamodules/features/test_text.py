"""A column of text as token ids, fitted on training rows and nothing else."""

import datetime as dt
import io

import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.features.text import TextFeatures
from datamodules.records import Records
from datamodules.store import Ragged

TEXTS = ["good good tea", "bad tea", "good, bad"]


def rows(texts, origin: str = "notes.csv") -> Records:
    return Records(pl.DataFrame({"note": texts}), origin=origin)


def fitted(texts, **options) -> TextFeatures:
    features = TextFeatures("note", **{"min_count": 1, **options})
    features.fit(rows(texts))
    return features


def tokens(features: TextFeatures, texts) -> Ragged:
    columns = features.columns(rows(texts))
    assert list(columns) == ["tokens"]
    column = columns["tokens"]
    assert isinstance(column, Ragged)
    return column


def ids(features: TextFeatures, texts) -> list[list[int]]:
    column = tokens(features, texts)
    return [row.tolist() for row in column.flat.split(column.lengths.tolist())]


def split(text: str, **options) -> list[str]:
    """Return the tokens of a text, by way of the words that their ids stand for."""
    features = fitted([text], **options)
    assert features.vocabulary is not None
    words = features.vocabulary.words.to_list()
    return [words[token - 2] for token in ids(features, [text])[0]]


def error(features: TextFeatures, records: Records) -> str:
    with pytest.raises(UserError) as caught:
        features.fit(records)
    return str(caught.value)


def test_words_are_numbered_by_how_often_training_has_them():
    features = fitted(TEXTS)
    column = tokens(features, TEXTS)
    assert column.flat.dtype == column.lengths.dtype == torch.int64
    # good 3, bad 2, tea 2, the comma 1
    assert ids(features, TEXTS) == [[2, 2, 4], [3, 4], [2, 5, 3]]
    assert column.take(torch.tensor([1, 0])).tolist() == [[3, 4, 0], [2, 2, 4]]


def test_the_spec_tells_length_and_size_of_what_is_given():
    features = fitted(TEXTS)
    column = tokens(features, TEXTS)
    assert features.parts["inputs"] == {"tokens": [int(column.lengths.max())]} == {"tokens": [3]}
    assert features.parts["cardinalities"] == {"tokens": [int(column.flat.max()) + 1]}


def test_a_word_that_training_lacks_or_has_too_rarely_is_unknown():
    assert ids(fitted(TEXTS), ["good coffee"]) == [[2, 1]]
    assert ids(fitted(TEXTS, min_count=2), ["good, tea"]) == [[2, 1, 4]]
    assert ids(fitted(TEXTS, max_vocabulary=1), TEXTS) == [[2, 2, 1], [1, 1], [2, 1, 1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I don't, we won\u2019t: 'rock'n'roll'", "i don't , we won't : ' rock'n'roll '"),
        ("3.14 or 1,000... 24/7 at 7pm.", "3.14 or 1,000 . . . 24 / 7 at 7pm ."),
        ("x@y.com a_b e-mail", "x @ y . com a _ b e - mail"),
        ("Straße ÉCOLE", "straße école"),
        ("नमस्ते दुनिया", "नमस्ते दुनिया"),  # vowel signs are marks, not letters
        ("ශ්\u200dරී ලංකා", "ශ්\u200dරී ලංකා"),
        ("한국어 좋아요", "한국어 좋아요"),
        ("今日はラテ。ok", "今 日 は ラ テ 。 ok"),
        ("สวัสดี", "ส วั ส ดี"),
        ("👍🏽👩‍👩‍👧🇩🇪🇫🇷 :)", "👍🏽 👩‍👩‍👧 🇩🇪 🇫🇷 : )"),
        ("a\t\n\x00\u200b\u00a0\u2028b", "a b"),
    ],
)
def test_texts_become_words_numbers_marks_and_characters(text, expected):
    assert split(text) == expected.split(" ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("café", "cafe\u0301"),
        ("\uff21\uff22\uff11", "AB1"),
        ("❤", "❤\ufe0f"),
        ("it\u2019s", "it's"),
    ],
)
def test_two_spellings_of_one_text_have_the_same_ids(one, other):
    features = fitted([one, "more than one token"])
    assert ids(features, [other]) == ids(features, [one])
    assert len(ids(features, [one])[0]) == 1


def test_capitals_count_where_the_user_says_so():
    assert split("Tea tea") == ["tea", "tea"]
    assert split("Tea tea", lowercase=False) == ["Tea", "tea"]
    assert ids(fitted(["Tea tea"], lowercase=False), ["TEA"]) == [[1]]


def test_missing_and_blank_texts_are_empty():
    features = fitted([*TEXTS, None])
    column = tokens(features, [None, "", " \n ", "tea", None])
    assert column.lengths.tolist() == [0, 0, 0, 1, 0]
    assert column.take(torch.arange(5)).tolist() == [[0], [0], [0], [4], [0]]
    assert tokens(features, ["", None]).take(torch.tensor([0, 1])).tolist() == [[0], [0]]
    assert tokens(features, [None, None]).lengths.tolist() == [0, 0]
    assert len(tokens(features, [])) == 0


def test_long_texts_keep_their_first_tokens_and_are_counted():
    features = fitted(["a b c d", "a b c", "a b"], max_tokens=2)
    assert features.parts["inputs"] == {"tokens": [2]}
    assert ids(features, ["a b c d", "b a c"]) == [[2, 3], [3, 2]]
    (_, note) = features.notes()
    assert note.startswith("2 of 3 training texts have more than 2 tokens")
    assert "max_tokens" in note


def test_no_text_is_longer_than_the_longest_of_training():
    features = fitted(["a b c", "a"])
    assert features.parts["inputs"] == {"tokens": [3]}
    assert ids(features, ["a a a a a"]) == [[2, 2, 2]]
    assert features.notes() == ["texts of at most 3 tokens, 3 different ones with an own id"]


def test_rows_beyond_training_change_nothing():
    train, validation = TEXTS, ["coffee coffee coffee " * 9, "tea"]
    features = fitted(train)
    before, parts, notes = features.state_dict(), dict(features.parts), features.notes()
    together = ids(features, [*train, *validation])
    assert together[: len(train)] == ids(features, train)
    assert ids(features, [*train, "something", "else"])[: len(train)] == together[: len(train)]
    assert (features.state_dict(), features.parts, features.notes()) == (before, parts, notes)


def test_the_order_of_the_training_rows_changes_nothing():
    assert fitted(TEXTS).state_dict() == fitted(TEXTS[::-1]).state_dict()


def test_the_spec_names_the_vocabulary_by_its_content():
    name = fitted(TEXTS).parts["vocabulary"]
    vocabulary = fitted(TEXTS[::-1]).vocabulary
    assert vocabulary is not None
    assert name == f"lowercase words sha256:{vocabulary.hash}"
    others = [fitted([*TEXTS, "more"]), fitted(TEXTS, min_count=2), fitted(TEXTS, lowercase=False)]
    assert len({name, *(other.parts["vocabulary"] for other in others)}) == 4


def test_the_state_survives_a_checkpoint_and_gives_equal_tensors():
    features = fitted(["Tea good", "good 今日 👍🏽"], lowercase=False, max_tokens=3)
    file = io.BytesIO()
    torch.save(features.state_dict(), file)
    file.seek(0)
    restored = TextFeatures("another column")
    restored.load_state_dict(torch.load(file, weights_only=True))
    texts = ["good Tea tea 今", "👍🏽 unseen", None]
    before, after = tokens(features, texts), tokens(restored, texts)
    assert torch.equal(before.flat, after.flat)
    assert torch.equal(before.lengths, after.lengths)
    assert restored.parts == features.parts
    assert restored.notes() == features.notes()
    assert restored.state_dict() == features.state_dict()


def test_numbers_and_dates_are_read_as_text():
    features = fitted([7, 7, 12])
    assert ids(features, ["12", "7", "x"]) == [[3], [2], [1]]
    assert ids(features, [7.0, 12.0, float("nan")]) == [[2], [3], []]
    assert split("2020-01-02") == ["2020", "-", "01", "-", "02"]
    assert ids(fitted([dt.date(2020, 1, 2)]), ["2020-01-02"]) == ids(
        fitted(["2020-01-02"]), [dt.date(2020, 1, 2)]
    )


def test_a_missing_column_suggests_one_that_is_there():
    records = Records(pl.DataFrame({"notes": TEXTS, "y": [0, 1, 0]}), origin="notes.csv")
    message = error(TextFeatures("note"), records)
    assert message.startswith(
        "There is no column of text in notes.csv 'note'. Did you mean 'notes'"
    )
    with pytest.raises(UserError, match=r"new\.csv 'note'.*Valid: 'y'"):
        fitted(TEXTS).columns(Records(pl.DataFrame({"y": [1]}), origin="new.csv"))


@pytest.mark.parametrize("values", [[["a", "b"]], [{"a": 1}], [b"a"]])
def test_a_column_that_cannot_be_text_names_its_type(values):
    message = error(TextFeatures("note"), rows(values))
    assert message.startswith("notes.csv: column 'note' must hold text, but its values are of type")


@pytest.mark.parametrize("texts", [["", None, " "], [None, None], []])
def test_training_texts_that_are_all_empty_are_refused(texts):
    message = error(TextFeatures("note"), rows(texts))
    assert message == (
        f"notes.csv: column 'note' holds no text: all {len(texts)} training rows are empty."
    )


def test_training_texts_without_a_frequent_word_name_the_flag():
    message = error(TextFeatures("note", min_count=3), rows(["a b", "a c"]))
    assert "column 'note': no word stands 3 times in the 2 training texts" in message
    assert message.endswith("Set min_count to 1.")


@pytest.mark.parametrize("name", ["max_tokens", "min_count", "max_vocabulary"])
def test_numbers_below_one_are_refused(name):
    with pytest.raises(UserError, match=f"{name} must be at least 1, not 0"):
        fitted(TEXTS, **{name: 0})
