"""A few digits that change when any value of a data set changes."""

import hashlib
from collections.abc import Iterator

import numpy as np
import polars as pl
import torch
from torch import Tensor

from datamodules.records import Records

DIGITS = 16
DIGEST = 16
"""Bytes of an image's digest."""
ROWS = 1 << 18
"""Rows whose values are made bytes at once."""
UNIT, NOTHING = "\x1f", "\x00"


def fingerprint(records: Records) -> str:
    """Return sixteen hexadecimal digits of the rows' values, names and order.

    The same on every machine and with every release of polars, whose own hashes are not.
    """
    digest = hashlib.sha256()
    for column in records.frame:
        digest.update(f"{column.name}{UNIT}".encode())
        for part in _parts(column):
            digest.update(part)
    if records.images is not None:
        digests = image_digests(records.images) if records.digests is None else records.digests
        digest.update(f"{list(records.images.shape[1:])}".encode())
        digest.update(digests.numpy().tobytes())
    return digest.hexdigest()[:DIGITS]


def image_digest(pixels: bytes) -> bytes:
    """Return sixteen bytes that two different images do not have in common."""
    return hashlib.blake2b(pixels, digest_size=DIGEST).digest()


def image_digests(images: Tensor) -> Tensor:
    """Return the digest of each image: (N, C, H, W) uint8 -> (N, 16) uint8."""
    digests = b"".join(image_digest(image.tobytes()) for image in images.numpy())
    return as_digests(digests)


def as_digests(digests: bytes) -> Tensor:
    """Return digests that stand end to end as (N, 16) uint8."""
    return torch.frombuffer(bytearray(digests), dtype=torch.uint8).view(-1, DIGEST)


def _parts(column: pl.Series) -> Iterator[bytes]:
    """Yield a column's values as bytes, some rows at a time, so that they are never there twice."""
    for start in range(0, max(len(column), 1), ROWS):
        part = column.slice(start, ROWS)
        values = _bytes(part)
        yield values if start == 0 or not _is_text(column) else UNIT.encode() + values


def _is_text(column: pl.Series) -> bool:
    return not (column.dtype.is_numeric() or column.dtype.is_temporal())


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
