"""A column of text as token ids."""

from typing import Any

import polars as pl

from datamodules.errors import UserError, unknown
from datamodules.features.tokenizer import Tokenizer
from datamodules.features.values import as_text
from datamodules.features.vocabulary import Vocabulary
from datamodules.features.words import Words
from datamodules.records import Records
from datamodules.spec import SpecParts
from datamodules.store import Column, Ragged


class TextFeatures:
    """Split texts into tokens, and number those by the training rows or by a tokenizer.

    A text of more than ``max_tokens`` tokens keeps its first ones; of words that were learnt here
    also one of more than the longest that training has. A missing text is an empty one.

    Args:
        text: the column of text; numbers in it are read as text.
        max_tokens: tokens that a text keeps at most.
        min_count: occurrences in training below which a word counts as unknown.
        max_vocabulary: at most so many words, the most frequent, get an id of their own.
        lowercase: whether capitals count as small letters.
        tokenizer: name of a tokenizer, see
            :class:`~datamodules.features.tokenizer.Tokenizer`, whose ids stand in place of words
            learnt here; the three arguments above are then of no account.

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
        tokenizer: str | None = None,
    ) -> None:
        _require_positive(max_tokens=max_tokens, min_count=min_count, max_vocabulary=max_vocabulary)
        self.text = text
        self.longest = self.max_tokens = max_tokens
        self.tokens: Words | Tokenizer = (
            Words(min_count, max_vocabulary, lowercase)
            if tokenizer is None
            else Tokenizer(tokenizer)
        )
        self.rows = 0
        self.cut = 0
        self.parts: SpecParts = {"inputs": {}}

    @property
    def used(self) -> list[str]:
        """The column of text."""
        return [self.text]

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The words learnt from the training texts, if any were."""
        return self.tokens.vocabulary if isinstance(self.tokens, Words) else None

    def fit(self, train: Records) -> None:
        """Learn the vocabulary and the length from training rows.

        Raises:
            UserError: if the column is missing or not text, or holds no word to learn from.
        """
        texts = self._texts(train)
        lengths = self.tokens.learn(texts, f"{train.origin}: column '{self.text}'")
        self.rows = len(texts)
        self.cut = int((lengths > self.max_tokens).sum())
        # a pretrained network knows longer texts than those that happen to be here
        known = isinstance(self.tokens, Tokenizer)
        self.longest = self.max_tokens if known else min(int(lengths.max()), self.max_tokens)
        self.parts = {
            "inputs": {"tokens": [self.longest]},
            "cardinalities": {"tokens": [self.tokens.size]},
            "vocabulary": self.tokens.description,
            "tokenizer": None if isinstance(self.tokens, Words) else self.tokens.spec,
        }

    def columns(self, records: Records) -> dict[str, Column]:
        """Turn rows, from training or elsewhere, into what the model is given.

        Raises:
            UserError: if the column is missing or not text.
        """
        return {"tokens": Ragged(*self.tokens.ids(self._texts(records), self.longest))}

    def notes(self) -> list[str]:
        """Say what was learnt and how many texts were cut."""
        notes = [f"texts of at most {self.longest} tokens, {self.tokens.told}"]
        if self.cut:
            notes.append(
                f"{self.cut} of {self.rows} training texts have more than {self.max_tokens} tokens "
                "and keep the first: see max_tokens"
            )
        return notes

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        kind = "words" if isinstance(self.tokens, Words) else "tokenizer"
        learnt = {name: value for name, value in vars(self).items() if name != "tokens"}
        return {**learnt, kind: self.tokens.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere, whatever these features were to be."""
        learnt = dict(state)
        if "tokenizer" in learnt:
            self.tokens = Tokenizer("")
            self.tokens.load_state_dict(learnt.pop("tokenizer"))
        else:
            self.tokens = Words(1, 1, lowercase=True)
            self.tokens.load_state_dict(learnt.pop("words"))
        vars(self).update(learnt)

    def _texts(self, records: Records) -> pl.Series:
        """Return the texts, (N,) String without gaps."""
        if self.text not in records.frame.columns:
            raise unknown(f"column of text in {records.origin}", self.text, records.frame.columns)
        column = records.frame[self.text]
        if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
            raise UserError(
                f"{records.origin}: column '{self.text}' must hold text, but its values are of "
                f"type {column.dtype}."
            )
        if isinstance(self.tokens, Tokenizer) and column.dtype == pl.String:
            return column.fill_null("")  # to which white space around a text may be tokens
        return as_text(column).fill_null("")


def _require_positive(**numbers: int) -> None:
    for name, value in numbers.items():
        if value < 1:
            raise UserError(f"{name} must be at least 1, not {value}.")
