"""What a split is."""

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

PARTS = ("train", "val", "test")
TRAIN, VAL, TEST = range(3)
NOWHERE = -1
"""What stands for a part where a row has none."""


class Split(NamedTuple):
    """Three disjoint sets of row numbers, each in ascending order."""

    train: Rows
    val: Rows
    test: Rows

    def parts(self, count: int) -> NDArray[np.int16]:
        """Return the part of each of N rows: (N,), 0 training, 1 validation, 2 test, -1 in none."""
        parts = np.full(count, NOWHERE, dtype=np.int16)
        for place, rows in enumerate(self):
            parts[rows] = place
        return parts

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change when any row changes its part."""
        digest = hashlib.sha256()
        for part in self:
            digest.update(part.astype("<i8").tobytes() + b"|")
        return digest.hexdigest()[:16]
