"""Texts as the embeddings of a pretrained transformer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from datamodules.errors import UserError
from datamodules.extras import library
from datamodules.features.embeddings import Embeddings, Vectors
from datamodules.features.steps.step import Step
from datamodules.pretrained.place import locate

STEP = 32
"""Tokens to a multiple of which texts are padded."""


class SentenceEmbedding(Embeddings):
    """The mean of a transformer's last hidden states over a text's tokens, of length 1.

    As Reimers and Gurevych 2019, 'Sentence-BERT: sentence embeddings using siamese BERT-networks'.

    Args:
        column: of texts; numbers in it are read as text.
        checkpoint: a folder with the model and its tokenizer, as the transformers library saves
            them, an installed package or a repository of the hub with both, or ``sample:minilm``;
            needs ``fulgurite[text]``.
        max_tokens: a longer text keeps its first tokens.
        batch_size: texts that are embedded at once.
        steps: what is done to the numbers, in order; if ``None``, nothing.

    Raises:
        UserError: if ``batch_size`` or ``max_tokens`` is below 1.
    """

    def __init__(
        self,
        column: str,
        checkpoint: str,
        max_tokens: int = 256,
        batch_size: int = 16,
        steps: list[Step] | None = None,
    ) -> None:
        super().__init__(column, checkpoint, batch_size, steps)
        if max_tokens < 1:
            raise UserError(f"A text keeps at least 1 token, not {max_tokens}.")
        self.max_tokens = max_tokens

    def embed(self, values: list[str], origin: str) -> Iterator[tuple[list[int], Vectors]]:
        """Yield batches of texts of like lengths."""
        tokenizer, model = self._load()
        most = min(self.max_tokens, getattr(model.config, "max_position_embeddings", None) or 10**9)
        ids = tokenizer(values, truncation=True, max_length=most)["input_ids"]
        rounded = np.array([-(-len(each) // STEP) * STEP for each in ids]).clip(max=most)
        for length in np.unique(rounded):
            alike = np.flatnonzero(rounded == length).tolist()
            for first in range(0, len(alike), self.batch_size):
                batch = alike[first : first + self.batch_size]
                tokens, mask = self._padded([ids[place] for place in batch], int(length))
                yield batch, _mean(model, tokens, mask)[: len(batch)].numpy()

    def _padded(self, ids: list[list[int]], length: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ids and mask, (batch size, length).

        Every batch has the same shape, since sums in another order round otherwise.
        """
        tokens = torch.zeros(self.batch_size, length, dtype=torch.int64)
        mask = torch.zeros_like(tokens)
        mask[len(ids) :, 0] = 1  # a row that is not there attends to something
        for row, each in enumerate(ids):
            tokens[row, : len(each)] = torch.tensor(each)
            mask[row, : len(each)] = 1
        return tokens, mask

    def _load(self) -> tuple[Any, Any]:
        transformers = library("transformers", "text", "SentenceEmbedding")
        path = Path(self.checkpoint).expanduser()
        folder = path if path.is_dir() else locate(self.checkpoint).folder
        transformers.utils.logging.disable_progress_bar()
        settings = {"local_files_only": True, "trust_remote_code": False}
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **settings)
            model = transformers.AutoModel.from_pretrained(folder, **settings)
        except (OSError, ValueError) as error:
            raise UserError(
                f"'{self.checkpoint}' is no folder with a model and its tokenizer: "
                f"{str(error).strip().splitlines()[0]}"
            ) from error
        return tokenizer, model.eval().float()


@torch.inference_mode()
def _mean(model: Any, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean over the tokens, of length 1: (N, L) -> (N, F)."""
    hidden: torch.Tensor = model(input_ids=tokens, attention_mask=mask).last_hidden_state
    summed = (hidden * mask[..., None]).sum(dim=1)
    return torch.nn.functional.normalize(summed / mask.sum(dim=1, keepdim=True), dim=1)
