"""A tokenizer that others trained, in the format of the ``tokenizers`` library."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from datamodules.errors import UserError
from datamodules.extras import library
from datamodules.pretrained.tokenizer_files import digits_of, read_tokenizer
from datamodules.progress import progress
from datamodules.sources.paths import absolute_path
from datamodules.spec import TokenizerSpec

if TYPE_CHECKING:
    import tokenizers

PADDINGS = ("[PAD]", "<pad>", "<|pad|>", "<PAD>")
"""How tokenizers without settings for padding call its token."""

BATCH = 1000
"""Texts that are split in one go."""


class Tokenizer:
    """Split texts as a pretrained model wants them, with the ids that its tokenizer gives.

    Its whole text is kept, so that no file is needed later. Id 0 must be padding: where the
    tokenizer has another token there, all of its ids are moved up by one.

    Args:
        name: of a folder, a file, a package, a repository of the hub or a sample, as
            :func:`~datamodules.pretrained.tokenizer_files.read_tokenizer` takes it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = ""
        self.shift = 0
        self._loaded: tokenizers.Tokenizer | None = None

    @property
    def size(self) -> int:
        """The greatest id and one: some ids may be of no token."""
        return max(self._tokenizer().get_vocab(with_added_tokens=True).values()) + 1 + self.shift

    @property
    def description(self) -> str:
        """What the ids stand for: equal text, equal ids."""
        digits = digits_of(self.text)[:16]
        moved = " ids moved up by 1" if self.shift else ""
        return f"tokenizer {Path(self.name).name} sha256:{digits}{moved}"

    @property
    def spec(self) -> TokenizerSpec:
        """What a backbone must know to have weights for these ids."""
        return {
            "name": self.name,
            "sha256": digits_of(self.text),
            "shift": self.shift,
            "size": self.size,
        }

    @property
    def told(self) -> str:
        """What a note says of the ids."""
        moved = ", moved up by 1 since its id 0 is not padding" if self.shift else ""
        return f"{self.size} ids of the tokenizer {self.name}{moved}"

    def learn(self, texts: pl.Series, where: str) -> Tensor:
        """Read the tokenizer, and return how many tokens each text has, (N,); it is not trained.

        Raises:
            UserError: if there is no such tokenizer, or all texts are empty.
        """
        if (texts.str.strip_chars() == "").all():
            raise UserError(f"{where} holds no text: all {len(texts)} training rows are empty.")
        _library()
        try:
            self.text = read_tokenizer(self.name)
        except UserError as error:
            raise UserError(f"--data.tokenizer: {error}") from error
        self.name = absolute_path(self.name)
        self._loaded = None
        tokenizer = self._tokenizer()
        padding = tokenizer.padding or {}
        ids = [padding.get("pad_id"), *(tokenizer.token_to_id(word) for word in PADDINGS)]
        self.shift = int(next((number for number in ids if number is not None), None) != 0)
        return self.ids(texts, None)[1]

    def ids(self, texts: pl.Series, most: int | None) -> tuple[Tensor, Tensor]:
        """Return the ids of all texts end to end, and how many each has, ``most`` at most.

        A text that is cut keeps the tokens that the tokenizer puts at its beginning and end.
        """
        tokenizer = self._tokenizer()
        tokenizer.no_padding()
        tokenizer.no_truncation()
        if most is not None:
            tokenizer.enable_truncation(most)
        flat: list[np.ndarray[Any, np.dtype[np.int64]]] = []
        with progress("splitting texts into tokens", len(texts)) as work:
            for first in range(0, len(texts), BATCH):
                some = texts.slice(first, BATCH).to_list()
                flat += [np.array(e.ids, dtype=np.int64) for e in tokenizer.encode_batch_fast(some)]
                work.advance(len(some))
        lengths = torch.tensor([len(ids) for ids in flat], dtype=torch.int64)
        joined = np.concatenate(flat) if flat else np.zeros(0, dtype=np.int64)
        return torch.from_numpy(joined + self.shift), lengths

    def state_dict(self) -> dict[str, Any]:
        """Return the tokenizer itself, as text."""
        return {"name": self.name, "text": self.text, "shift": self.shift}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a tokenizer."""
        self.name, self.text, self.shift = state["name"], state["text"], state["shift"]
        self._loaded = None

    def _tokenizer(self) -> "tokenizers.Tokenizer":
        if self._loaded is None:
            tokenizers = _library()
            try:
                self._loaded = tokenizers.Tokenizer.from_str(self.text)
            except Exception as error:  # the library raises no other class
                raise UserError(
                    f"'{self.name}' is no tokenizer that the tokenizers library reads: {error}."
                ) from error
        return self._loaded

    def __getstate__(self) -> dict[str, Any]:
        """Leave the library's object out of copies."""
        return {**vars(self), "_loaded": None}


def _library() -> Any:
    return library("tokenizers", "text", "A pretrained tokenizer")
