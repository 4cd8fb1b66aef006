"""Texts split into words, numbers and marks, numbered by the training texts."""

from typing import Any

import polars as pl
import torch
from torch import Tensor

from datamodules.errors import UserError
from datamodules.features.vocabulary import Vocabulary

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


class Words:
    """Split texts into words, numbers and marks, and number those by the training rows.

    Chinese, Japanese, Thai and other texts without spaces become characters. Compatible spellings
    count as one: Unicode's form NFKC, straight apostrophes, emoji with or without a variation
    selector.

    Args:
        min_count: occurrences in training below which a word counts as unknown.
        max_vocabulary: at most so many words, the most frequent, get an id of their own.
        lowercase: whether capitals count as small letters.
    """

    def __init__(self, min_count: int, max_vocabulary: int, lowercase: bool) -> None:
        self.lowercase = lowercase
        self.vocabulary = Vocabulary(min_count, max_vocabulary)

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self.vocabulary)

    @property
    def description(self) -> str:
        """What the ids stand for: equal text, equal ids."""
        # capitals are no part of the vocabulary and yet decide the ids
        return f"{'lowercase ' * self.lowercase}words sha256:{self.vocabulary.hash}"

    @property
    def told(self) -> str:
        """What a note says of the ids."""
        return f"{len(self.vocabulary.words)} different ones with an own id"

    def learn(self, texts: pl.Series, where: str) -> Tensor:
        """Learn the vocabulary from the training texts, and return how long each is, (N,).

        Raises:
            UserError: if there is no word to learn.
        """
        tokens = self._split(texts)
        self.vocabulary.fit(_flat(tokens))
        lengths = _lengths(tokens)
        if not lengths.sum():
            raise UserError(f"{where} holds no text: all {len(texts)} training rows are empty.")
        if not len(self.vocabulary.words):
            raise UserError(
                f"{where}: no word stands {self.vocabulary.min_count} times in the {len(texts)} "
                "training texts, so there is none to learn. Set min_count to 1."
            )
        return lengths

    def ids(self, texts: pl.Series, most: int) -> tuple[Tensor, Tensor]:
        """Return the ids of all texts end to end, and how many each has, ``most`` at most."""
        tokens = self._split(texts).list.head(most)
        ids = self.vocabulary(_flat(tokens)).to_numpy(writable=True)
        return torch.from_numpy(ids), _lengths(tokens)

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {"lowercase": self.lowercase, "vocabulary": self.vocabulary.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        self.lowercase = state["lowercase"]
        self.vocabulary.load_state_dict(state["vocabulary"])

    def _split(self, texts: pl.Series) -> pl.Series:
        """Return the tokens of each text: (N,) lists of String."""
        texts = texts.str.normalize("NFKC")
        texts = texts.str.replace_all("\u2019", "'", literal=True)  # the curly apostrophe
        texts = texts.str.replace_all("\ufe0f", "", literal=True)  # 'show this as an emoji'
        return (texts.str.to_lowercase() if self.lowercase else texts).str.extract_all(_TOKEN)


def _flat(tokens: pl.Series) -> pl.Series:
    """Return the tokens of all texts, one after the other."""
    return tokens.explode().drop_nulls()  # older polars make a null of an empty list


def _lengths(tokens: pl.Series) -> Tensor:
    return torch.from_numpy(tokens.list.len().cast(pl.Int64).to_numpy(writable=True))
