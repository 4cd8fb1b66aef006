"""Which rows a model has seen, so that no figure is ever measured on them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from datamodules.cleaning.copies import are_by_nature, compared
from datamodules.records import Records
from datamodules.row_hashes import Hashes, row_hashes
from datamodules.splits.split import NOWHERE, TRAIN, VAL, Split
from datamodules.splits.splitter import Parts
from datamodules.splits.table import parts_by_keys


@dataclass(frozen=True)
class SeenRows:
    """The rows of training and validation, by what the model sees of them.

    They are known in another file, under another name and in any order.

    Attributes:
        columns: that the model sees, beside images.
        hashes: (K,) uint64, the different rows.
        parts: (K,) int16: 0 training, 1 validation.
        telling: whether equal inputs mean the same row; not so in a coarse table.
    """

    columns: list[str] = field(default_factory=list)
    hashes: Hashes = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    parts: Parts = field(default_factory=lambda: np.empty(0, dtype=np.int16))
    telling: bool = False

    @classmethod
    def of(
        cls,
        records: Records,
        split: Split,
        columns: list[str],
        known: tuple[list[str], Hashes] | None = None,
    ) -> "SeenRows":
        """Return the rows that a split lets a model see.

        Args:
            records: every row of the source, as training was given it.
            split: which row is in which part.
            columns: that the model sees, beside images.
            known: columns by which rows are hashed already, and these hashes.
        """
        if not columns and records.images is None:
            return cls()
        columns = compared(records, columns)
        if known is not None and sorted(known[0]) == sorted(columns):
            every = known[1]
        else:
            every = row_hashes(records, columns)
        # of a row that is in both, the first counts
        hashes, first = np.unique(
            every[np.concatenate([split.train, split.val])], return_index=True
        )
        parts = np.where(first < len(split.train), TRAIN, VAL).astype(np.int16)
        rows = np.sort(np.concatenate(split))
        found = len(rows) - len(np.unique(every[rows]))
        return cls(columns, hashes, parts, not are_by_nature(records, rows, columns, found))

    def parts_of(self, records: Records) -> Parts | None:
        """Return the part that each row had: (N,), -1 for new ones; ``None`` if nobody can tell."""
        if not self.telling or any(name not in records.frame.columns for name in self.columns):
            return None
        if not len(self.hashes):
            return np.full(len(records), NOWHERE, dtype=np.int16)
        return parts_by_keys(self.hashes, self.parts, row_hashes(records, self.columns))

    def state_dict(self) -> dict[str, Any]:
        """Return it as tensors and plain values."""
        return {
            "columns": self.columns,
            "hashes": torch.from_numpy(self.hashes.view(np.int64)),
            "parts": torch.from_numpy(self.parts),
            "telling": self.telling,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any] | None) -> "SeenRows":
        """Return what ``state_dict`` told; an older checkpoint has seen nobody knows what."""
        if state is None:
            return cls()
        hashes = state["hashes"].numpy().view(np.uint64)
        return cls(state["columns"], hashes, state["parts"].numpy(), state["telling"])
