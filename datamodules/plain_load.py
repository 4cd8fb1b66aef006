"""Files that torch wrote, read without running anything that they hold."""

import contextlib
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch

from datamodules.errors import UserError


def load_plain(path: Path, *, mapped: bool = False) -> Any:
    """Return what a file holds; it may be nothing but tensors and plain values.

    Args:
        path: of the file.
        mapped: whether tensors are left in the file until they are looked at.

    Raises:
        UserError: it holds more, or cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Detected pickle protocol")  # refused or read
            lazy = mapped and zipfile.is_zipfile(path)  # older files of torch cannot be mapped
            return torch.load(path, map_location="cpu", weights_only=True, mmap=lazy)
    except pickle.UnpicklingError as error:
        raise UserError(
            f"'{path}' holds more than tensors and plain values{_culprits(path)}, or is no "
            f"checkpoint, so it is not read: a checkpoint can run any code."
        ) from error
    except Exception as error:  # torch raises many kinds on a file that is none of its own
        raise UserError(f"'{path}' cannot be read as a checkpoint: is it whole?") from error


def _culprits(path: Path) -> str:
    """Return the names of what a checkpoint holds beside plain values, as a part of a sentence."""
    names: list[str] = []
    if zipfile.is_zipfile(path):
        with contextlib.suppress(Exception):  # torch raises many kinds on a broken file
            names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    return f" ({', '.join(names[:3])})" if names else ""
