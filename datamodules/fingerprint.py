"""A few digits that change when any value of a data set changes."""

import hashlib

import numpy as np
import polars as pl
from torch import Tensor

from datamodules.records import Records

DIGITS = 16
UNIT, NOTHING = "\x1f", "\x00"


def fingerprint(records: Records) -> str:
    """Return sixteen hexadecimal digits of the rows' values, names and order.

    The same on every machine and with every release of polars, whose own hashes are not.
    """
    digest = hashlib.sha256()
    for column in records.frame:
        digest.update(f"{column.name}{UNIT}".encode())
        digest.update(_bytes(column))
    if records.images is not None:
        digits = records.image_digits or image_digits(records.images)
        digest.update(digits.encode())
    return digest.hexdigest()[:DIGITS]


def image_digits(images: Tensor) -> str:
    """Return the SHA-256 of the pixels' bytes, in hexadecimal digits."""
    return hashlib.sha256(images.contiguous().numpy().data).hexdigest()


def _bytes(column: pl.Series) -> bytes:
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).fill_null(np.nan).to_numpy().astype("<f8").tobytes()
    if column.dtype.is_temporal():
        whole = column.to_physical().cast(pl.Int64)
        return whole.fill_null(np.iinfo(np.int64).min).to_numpy().astype("<i8").tobytes()
    if column.dtype in (pl.String, pl.Boolean):
        text = column.cast(pl.String).fill_null(NOTHING)
        return f"{text.str.join(UNIT).item()}".encode()
    return UNIT.join(map(str, column.to_list())).encode()
