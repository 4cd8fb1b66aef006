"""Decoded images in a file, so that each image is decoded once and none need fit into memory."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from datamodules.cache_folder import LOCK, PARTIAL, cache_folder, make_room, say_used
from datamodules.files import write_json
from datamodules.fingerprint import DIGEST, as_digests, image_digest
from datamodules.locks import alone
from datamodules.mapped import mapped
from datamodules.sources.folders import ImageFiles
from datamodules.sources.heads import Heads

if TYPE_CHECKING:
    import numpy as np

Shape = tuple[int, int, int, int]

VERSION = 1
"""Of what decoding gives: to be raised with every change of it, so that no old pixels are used."""

WORTH_BYTES, WORTH_FILES = 1 << 20, 256
"""Fewer images than both are decoded in an instant, and are not kept."""

HEADS = "heads.json"


class ImageCache:
    """What is kept of some image files: what their heads tell, and their pixels at some sizes.

    It is kept under a name that follows from each file's name, size, and times of change to the
    nanosecond, so a file that is changed, added or removed makes for another name. The time of the
    last change of the file's entry (``ctime``) is one of them: copying a file's times along with
    another content does not deceive it. What could is a file that changes to another content of the
    same length within one tick of the file system's clock (some milliseconds) of when it was read.

    Args:
        files: the images, in their order.

    Raises:
        OSError: a file is not there.
    """

    def __init__(self, files: ImageFiles) -> None:
        self.files = len(files.paths)
        digest = hashlib.sha256(f"{VERSION} {_pillow()}".encode())
        self.bytes = 0
        for name, path in zip(files.names, files.paths, strict=True):
            found = path.stat()
            self.bytes += found.st_size
            told = f"\0{name}\0{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
            digest.update(told.encode(errors="surrogateescape"))
        self.folder = cache_folder() / "images" / digest.hexdigest()[:32]

    @property
    def is_worth_it(self) -> bool:
        """Whether there is enough to decode."""
        return self.bytes >= WORTH_BYTES or self.files >= WORTH_FILES

    def alone(self) -> AbstractContextManager[None]:
        """Keep other processes from building the same; they wait."""
        return alone(self.folder / LOCK, "another process is reading these images")

    def heads(self) -> Heads | None:
        """Return what the files' heads tell, if that is kept."""
        told = _read_json(self.folder / HEADS)
        try:
            return Heads(**told)
        except TypeError:  # of another release, or damaged
            return None

    def keep_heads(self, heads: Heads) -> None:
        """Keep what the files' heads tell."""
        write_json(self.folder / HEADS, dataclasses.asdict(heads))

    def pixels(self, shape: Shape) -> tuple[Tensor, Tensor] | None:
        """Return the images, mapped from the file, and the digest of each.

        Args:
            shape: (N, C, H, W).

        Returns:
            ``None`` if they are not kept, or not whole.

        Raises:
            OSError: the file cannot be read.
        """
        path = self._path(shape)
        digests = _digests(_read_json(path.with_suffix(".json")).get("digests"))
        images = mapped(path, shape) if len(digests) == shape[0] else None
        if images is None:
            return None
        say_used(self.folder)
        return images, digests

    def keep_pixels(self, shape: Shape, images: "Iterable[np.ndarray[Any, Any]]") -> None:
        """Write images, one after the other, to a file that is there whole or not at all.

        Args:
            shape: (N, C, H, W).
            images: N of (C, H, W), uint8.

        Raises:
            OSError: the disk is full, or cannot be written to.
        """
        needed = shape[0] * shape[1] * shape[2] * shape[3]
        if not make_room(self.folder.parent, needed):
            raise OSError(f"its disk has no room for {needed / 1e9:.1f} GB")
        path = self._path(shape)
        partial = path.with_suffix(PARTIAL)
        digests = bytearray()
        try:
            with partial.open("wb") as file:
                for image in images:
                    pixels = image.tobytes()
                    digests += image_digest(pixels)
                    file.write(pixels)
                file.flush()
                os.fsync(file.fileno())  # or a power cut could leave the name without the content
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        partial.replace(path)
        write_json(path.with_suffix(".json"), {"digests": digests.hex()})

    def _path(self, shape: Shape) -> Path:
        _, channels, height, width = shape
        return self.folder / f"{height}x{width}x{channels}.pixels"


def _pillow() -> str:
    import PIL

    return PIL.__version__


def _digests(told: object) -> Tensor:
    """Return (N, 16); none where it is not told right."""
    try:
        return as_digests(bytes.fromhex(told if isinstance(told, str) else ""))
    except (ValueError, RuntimeError):  # not hexadecimal, or cut off
        return as_digests(bytes(DIGEST))[:0]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
