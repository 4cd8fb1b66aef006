"""A column of text as token ids."""

from typing import Any

import polars as pl
import torch

from datamodules.errors import UserError, unknown
from datamodules.features.categorical import as_text
from datamodules.features.vocabulary import Vocabulary
from datamodules.records import Records
from datamodules.spec import SpecParts
from datamodules.store import Column, Ragged

# Scripts that put no spaces between words: each character is a token, with the marks upon it.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
_LETTER = rf"[\p{{L}}\p{{M}}\p{{Nd}}&&[^{_UNSPACED}]]"
_PICTURE = r"\p{Extended_Pictographic}\p{Emoji_Modifier}?"
_TOKEN = "|".join(
    [
        r"\p{Nd}+(?:[.,]\p{Nd}+)+",  # 3.14 and 1,000
        rf"{_LETTER}+(?:['\x{{200C}}\x{{200D}}]{_LETTER}+)*",  # words, don't, Indic joiners
        r"\p{Regional_Indicator}{2}",  # a flag
        rf"{_PICTURE}(?:\x{{200D}}{_PICTURE})*",  # an emoji with its skin, a family
        r"[^\s\p{Cc}\p{Cf}]\p{M}*",  # any other mark, or character of a script without spaces
    ]
)


class TextFeatures:
    """Split texts into words, numbers and marks, and number those by the training rows.

    A text of more tokens than the longest that training has, ``max_tokens`` at most, keeps its
    first ones. Chinese, Japanese, Thai and other texts without spaces become characters.
    Compatible spellings count as one: Unicode's form NFKC, straight apostrophes, emoji with or
    without a variation selector. A missing text is an empty one.

    Args:
        text: the column of text; numbers in it are read as text.
        max_tokens: tokens that a text keeps at most.
        min_count: occurrences in training below which a word counts as unknown.
        max_vocabulary: at most so many words, the most frequent, get an id of their own.
        lowercase: whether capitals count as small letters.

    Raises:
        UserError: if a number is below 1.
    """

    def __init__(
        self,
        text: str,
        max_tokens: int = 256,
        min_count: int = 2,
        max_vocabulary: int = 30_000,
        lowercase: bool = True,
    ) -> None:
        _require_positive(max_tokens=max_tokens, min_count=min_count, max_vocabulary=max_vocabulary)
        self.text = text
        self.longest = self.max_tokens = max_tokens
        self.lowercase = lowercase
        self.vocabulary = Vocabulary(min_count, max_vocabulary)
        self.rows = 0
        self.cut = 0
        self.parts: SpecParts = {"inputs": {}}

    @property
    def used(self) -> list[str]:
        """The column of text."""
        return [self.text]

    def fit(self, train: Records) -> None:
        """Learn the vocabulary and the length from training rows.

        Raises:
            UserError: if the column is missing or not text, or holds no word to learn from.
        """
        tokens = self._split(train)
        lengths = tokens.list.len()
        self.rows = len(tokens)
        self.cut = int((lengths > self.max_tokens).sum())
        self.vocabulary.fit(_flat(tokens))
        self._require_words(train, found=bool(lengths.sum()))
        self.longest = int(lengths.clip(upper_bound=self.max_tokens).to_numpy().max())
        self.parts = {
            "inputs": {"tokens": [self.longest]},
            "cardinalities": {"tokens": [len(self.vocabulary)]},
            # capitals are no part of the vocabulary and yet decide the ids
            "vocabulary": f"{'lowercase ' * self.lowercase}words sha256:{self.vocabulary.hash}",
        }

    def columns(self, records: Records) -> dict[str, Column]:
        """Turn rows, from training or elsewhere, into what the model is given.

        Raises:
            UserError: if the column is missing or not text.
        """
        tokens = self._split(records).list.head(self.longest)
        ids = self.vocabulary(_flat(tokens)).to_numpy(writable=True)
        lengths = tokens.list.len().cast(pl.Int64).to_numpy(writable=True)
        return {"tokens": Ragged(torch.from_numpy(ids), torch.from_numpy(lengths))}

    def notes(self) -> list[str]:
        """Say what was learnt and how many texts were cut."""
        words = len(self.vocabulary.words)
        notes = [f"texts of at most {self.longest} tokens, {words} different ones with an own id"]
        if self.cut:
            notes.append(
                f"{self.cut} of {self.rows} training texts have more than {self.max_tokens} tokens "
                "and keep the first: see max_tokens"
            )
        return notes

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {**vars(self), "vocabulary": self.vocabulary.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        self.vocabulary.load_state_dict(state["vocabulary"])
        vars(self).update({**state, "vocabulary": self.vocabulary})

    def _split(self, records: Records) -> pl.Series:
        """Return the tokens of each text: (rows,) lists of String."""
        if self.text not in records.frame.columns:
            raise unknown(f"column of text in {records.origin}", self.text, records.frame.columns)
        column = records.frame[self.text]
        if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
            raise UserError(
                f"{records.origin}: column '{self.text}' must hold text, but its values are of "
                f"type {column.dtype}."
            )
        texts = as_text(column).fill_null("").str.normalize("NFKC")
        texts = texts.str.replace_all("\u2019", "'", literal=True)  # the curly apostrophe
        texts = texts.str.replace_all("\ufe0f", "", literal=True)  # 'show this as an emoji'
        return (texts.str.to_lowercase() if self.lowercase else texts).str.extract_all(_TOKEN)

    def _require_words(self, train: Records, found: bool) -> None:
        if not found:
            raise UserError(
                f"{train.origin}: column '{self.text}' holds no text: all {len(train)} training "
                "rows are empty."
            )
        if not len(self.vocabulary.words):
            raise UserError(
                f"{train.origin}: no word stands {self.vocabulary.min_count} times in the "
                f"{len(train)} training texts in column '{self.text}', so there is none to learn. "
                "Set min_count to 1."
            )


def _require_positive(**numbers: int) -> None:
    for name, value in numbers.items():
        if value < 1:
            raise UserError(f"{name} must be at least 1, not {value}.")


def _flat(tokens: pl.Series) -> pl.Series:
    """Return the tokens of all texts, one after the other."""
    return tokens.explode().drop_nulls()  # older polars make a null of an empty list
