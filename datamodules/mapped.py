"""Tensors whose values lie in a file: pages are read when asked for, and processes share them."""

import os
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from datamodules import locks


class _Map(NamedTuple):
    file: int
    bytes: Tensor


_maps: dict[str, _Map] = {}
"""What this process maps, by path; it is held until the process ends, which costs no memory."""


def mapped(path: Path, shape: tuple[int, ...]) -> Tensor | None:
    """Return a file's bytes as uint8 of that shape; writing to them changes no file.

    Returns:
        ``None`` if the file is not there or has another size.

    Raises:
        OSError: the file cannot be read.
    """
    size = torch.Size(shape).numel()
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if found.st_size != size or not size:
        return None
    known = _maps.get(str(path))
    if known is None or not os.path.samestat(os.fstat(known.file), found):
        known = _mapped_now(path, size)
    return None if known is None else known.bytes.view(shape)


def _mapped_now(path: Path, size: int) -> _Map | None:
    file = locks.shared(path)
    if file is None:
        return None
    try:
        values = torch.from_file(str(path), shared=False, size=size, dtype=torch.uint8)
    except RuntimeError:  # removed in between
        os.close(file)
        return None
    _maps[str(path)] = _Map(file, values)
    return _maps[str(path)]


def file_of(values: Tensor) -> str | None:
    """Return the path of the file in which the values lie, if they are all of it."""
    for path, known in _maps.items():
        if values.data_ptr() == known.bytes.data_ptr() and values.numel() == known.bytes.numel():
            return path
    return None
