"""Frozen embeddings of a column's values as numbers."""

import hashlib
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.errors import UserError
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.pipeline import Pipeline
from datamodules.features.steps.step import Floats, Step
from datamodules.features.values import as_text, require_column
from datamodules.pretrained.place import locate
from datamodules.progress import progress

Vectors = NDArray[np.float32]

HASHED = (".safetensors", ".bin", ".pth", ".pt", ".json", ".txt", ".model")
"""Endings of the files that decide what a network gives."""


class Embeddings(ColumnFeatures):
    """Numbers that a pretrained network gives for the values of a column; nothing is learnt of it.

    Each different value is embedded once. The network itself is not kept, but its path and a hash
    of its files: with other files the rows would mean something else. A missing value has zeros,
    and is marked where training has some.

    Args:
        column: of the table.
        checkpoint: a file or folder with the network's weights, or a name of them.
        batch_size: values that are embedded at once.
        steps: what is done to the numbers, in order; if ``None``, nothing.

    Raises:
        UserError: if ``batch_size`` is below 1.
    """

    def __init__(
        self, column: str, checkpoint: str, batch_size: int, steps: list[Step] | None
    ) -> None:
        super().__init__(column)
        if batch_size < 1:
            raise UserError(
                f"{type(self).__name__} embeds at least 1 value at once, not {batch_size}."
            )
        self.column = column
        self.checkpoint = checkpoint
        self.batch_size = batch_size
        self.steps = steps
        self.pipeline = Pipeline(0.0, False, steps or [])
        self.hash = ""
        self.marked = False
        self._places: dict[str, int] = {}
        self._vectors: list[Vectors] = []

    @property
    def names(self) -> list[str]:
        """The name of each number made."""
        return self.pipeline.names + ([f"{self.column} is missing"] if self.marked else [])

    def fit(self, frame: pl.DataFrame, origin: str) -> None:
        """Read the network, and learn what the steps learn of its numbers.

        Raises:
            UserError: if there is no such network, or it cannot take the values.
        """
        require_column(frame, self.column, origin, type(self).__name__)
        self.hash = hash_of(self.checkpoint)
        self._places, self._vectors = {}, []
        values = self._embedded(frame, origin)
        self.marked = as_text(frame[self.column]).null_count() > 0
        named = ((f"{self.column} {i}", column) for i, column in enumerate(_columns(values), 1))
        self.pipeline.fit(named, origin)

    def numbers(self, frame: pl.DataFrame, origin: str) -> Iterator[Floats]:
        """Yield each number of all rows, (N,).

        Raises:
            UserError: if the network is not the one of training.
        """
        yield from self.pipeline(_columns(self._embedded(frame, origin)))
        if self.marked:
            yield as_text(frame[self.column]).is_null().to_numpy().astype(np.float64)

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {"hash": self.hash, "marked": self.marked, "pipeline": self.pipeline.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere.

        Raises:
            UserError: if the network is not there, or not the one of training.
        """
        self.hash, self.marked = state["hash"], state["marked"]
        self.pipeline.load_state_dict(state["pipeline"])
        self._places, self._vectors = {}, []
        if (here := hash_of(self.checkpoint)) != self.hash:
            raise UserError(
                f"{type(self).__name__} of '{self.column}': the model was trained with other "
                f"weights than those in '{self.checkpoint}' (sha256 {self.hash} there, {here} "
                f"here)."
            )

    @abstractmethod
    def embed(self, values: list[str], origin: str) -> Iterator[tuple[list[int], Vectors]]:
        """Yield batch by batch the places of values and their embeddings, (n,) and (n, F).

        What a value gives may not depend on what else stands in its batch.
        """

    def __getstate__(self) -> dict[str, Any]:
        """Leave what was embedded out of copies."""
        return {**vars(self), "_places": {}, "_vectors": []}

    def _embedded(self, frame: pl.DataFrame, origin: str) -> Vectors:
        """Return the embeddings of all rows, (N, F); zeros where a value is missing."""
        values = as_text(frame[self.column])
        different = values.drop_nulls().unique(maintain_order=True).to_list()
        fresh = [value for value in different if value not in self._places]
        if not self._vectors and not fresh:
            return np.zeros((len(frame), len(self.pipeline.columns)), dtype=np.float32)
        if fresh:
            self._keep(fresh, origin)
        vectors = np.concatenate(self._vectors) if len(self._vectors) > 1 else self._vectors[0]
        self._vectors = [vectors]
        places = np.array([-1 if v is None else self._places[v] for v in values], dtype=np.int64)
        found: Vectors = vectors[places.clip(0)]
        found[places < 0] = 0.0
        return found

    def _keep(self, fresh: list[str], origin: str) -> None:
        known = len(self._places)
        with progress(f"embedding '{self.column}'", len(fresh)) as work:
            for batch, vectors in self.embed(fresh, origin):
                places = range(len(self._places), len(self._places) + len(batch))
                self._places.update(zip((fresh[place] for place in batch), places, strict=True))
                self._vectors.append(vectors)
                work.advance(len(batch))
        assert len(self._places) == known + len(fresh)


def hash_of(checkpoint: str) -> str:
    """Return the beginning of the SHA-256 of a network's files.

    Args:
        checkpoint: a file or folder, or any other name of weights that ``locate`` takes.

    Raises:
        UserError: if there are none.
    """
    path = Path(checkpoint).expanduser()
    if not path.exists():
        place = locate(checkpoint)
        path = place.folder or place.files[0]
    inside = sorted(path.glob("*")) if path.is_dir() else []
    files = [path] if path.is_file() else [file for file in inside if file.suffix in HASHED]
    if not any(file.suffix not in (".json", ".txt") for file in files):
        raise UserError(
            f"There are no weights in '{checkpoint}': name a folder or file with .safetensors, "
            f".bin or .pth."
        )
    digits = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            digits.update(file.name.encode() + hashlib.file_digest(opened, "sha256").digest())
    return digits.hexdigest()[:16]


def _columns(values: Vectors) -> Iterator[Floats]:
    return (column.astype(np.float64) for column in values.T)
