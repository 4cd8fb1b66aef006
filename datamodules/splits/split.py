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

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change when any row changes its part."""
        digest = hashlib.sha256()
        for part in self:
            digest.update(part.astype("<i8").tobytes() + b"|")
        return digest.hexdigest()[:16]
