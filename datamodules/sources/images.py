"""Images of one size, from files or a named sample."""

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import torch
from torch import Tensor

from datamodules.errors import UserError
from datamodules.fingerprint import image_digests
from datamodules.records import Records
from datamodules.sources.broken_images import broken_images
from datamodules.sources.folders import ImageFiles, find_images
from datamodules.sources.heads import Heads, Size
from datamodules.sources.image_cache import ImageCache, Shape
from datamodules.sources.named import is_sample, read_sample
from datamodules.sources.pixels import MODES, decode, fit, probe
from datamodules.sources.threads import each_in_threads, in_threads

if TYPE_CHECKING:
    import numpy as np


class _Decoded(NamedTuple):
    images: Tensor
    digests: Tensor
    notes: list[str]


def read_images(
    source: str,
    size: Size | None = None,
    channels: int | None = None,
    manifest: ImageFiles | None = None,
) -> Records:
    """Read images into one tensor.

    The frame has the column ``path`` (below the folder), and before it ``label`` where each class
    has a folder. Unless there are very few, the images are decoded once, into a file below
    ``$FULGURITE_CACHE`` that is mapped from then on; see :mod:`datamodules.cache_folder`.

    Args:
        source: ``sample:NAME``, a folder with one folder for each class, a folder of images without
            classes, or one image.
        size: side of the square, or (height, width), to which each image is scaled and cropped at
            its centre. ``None`` keeps the size that all have; where they differ it is the median
            shorter side, at most 128.
        channels: 1 (grey), 3 (colour, laid on white where transparent) or 4 (with transparency, 0
            where nothing is seen); ``None`` is 1 where all images are grey, else 3.
        manifest: the images, where a table lists them.

    Raises:
        UserError: there is no such sample or path, or an image in it cannot be read.
    """
    _check(size, channels)
    if is_sample(source):
        records = read_sample(source, "image")
        if records.images is not None:
            fitted = _fitted(records.images, source, size, channels)
            return dataclasses.replace(records, images=fitted, digests=image_digests(fitted))
        manifest = _listed(records)
    files = manifest or find_images(source)
    decoded = _Reading(source, files, size, channels).decoded()
    labels = {} if files.labels is None else {"label": files.labels}
    listed = pl.DataFrame({**labels, "path": files.names})
    return Records(
        frame=listed if files.frame is None else files.frame,
        origin=source,
        images=decoded.images,
        digests=decoded.digests,
        target="label" if labels else None,
        names=files.column,
        no_target=None if files.frame is not None or labels else _no_classes(source),
        splitter=files.splitter,
        notes=files.notes + decoded.notes,
    )


def _no_classes(source: str) -> str:
    return (
        f"--data.source: '{source}' holds images without classes: put those of each class into a "
        f"folder of its own, or name a manifest, a table with a column of image paths and one of "
        f"classes."
    )


def _check(size: Size | None, channels: int | None) -> None:
    sides = (size,) if isinstance(size, int) else size or ()
    if any(side < 1 for side in sides):
        raise UserError(f"The size of images must be at least 1 pixel, not {size}.")
    if channels not in (None, *MODES):
        raise UserError(
            f"Images have 1 channel (grey), 3 (colour) or 4 (colour and transparency), not "
            f"{channels}."
        )


class _Reading:
    """Files to be read at a size, from the cache where that is possible."""

    def __init__(
        self, source: str, files: ImageFiles, size: Size | None, channels: int | None
    ) -> None:
        self.source = source
        self.files = files
        self.size = size
        self.channels = channels

    def decoded(self) -> _Decoded:
        """Return the pixels, from the cache, through it, or in memory."""
        try:
            cache = ImageCache(self.files)
        except OSError:  # a file is gone or out of reach: its name is told when it is decoded
            return self._in_memory()
        if not cache.is_worth_it:
            return self._in_memory()
        try:
            return self._kept(cache) or self._built(cache)
        except OSError as error:
            decoded = self._in_memory()
            note = (
                f"The images of '{self.source}' are in memory and will be decoded again next time: "
                f"they cannot be kept in '{cache.folder.parent}' ({error.strerror or error}); "
                f"FULGURITE_CACHE names another folder."
            )
            return decoded._replace(notes=[*decoded.notes, note])

    def _kept(self, cache: ImageCache) -> _Decoded | None:
        heads = None if self._is_said else cache.heads()
        if heads is None and not self._is_said:
            return None
        shape, notes = self._shape(heads)
        kept = cache.pixels(shape)
        return None if kept is None else _Decoded(*kept, notes)

    def _built(self, cache: ImageCache) -> _Decoded:
        with cache.alone():
            if kept := self._kept(cache):  # by the process that this one has waited for
                return kept
            heads = None if self._is_said else cache.heads() or self._probed()
            if heads is not None:
                cache.keep_heads(heads)
            shape, _ = self._shape(heads)
            cache.keep_pixels(shape, self._each(shape))
            built = self._kept(cache)
        if built is None:
            raise OSError("what was written cannot be read")
        return built

    def _in_memory(self) -> _Decoded:
        shape, notes = self._shape(None if self._is_said else self._probed())
        _check_memory(self.source, shape)
        images = torch.empty(shape, dtype=torch.uint8)
        rows = images.numpy()  # the same memory
        for row, pixels in enumerate(self._each(shape)):
            rows[row] = pixels
        return _Decoded(images, image_digests(images), notes)

    @property
    def _is_said(self) -> bool:
        """Whether the heads of the files are of no interest."""
        return self.size is not None and self.channels is not None

    def _shape(self, heads: Heads | None) -> tuple[Shape, list[str]]:
        heads = heads or Heads(0, 0, 0, 0, 0, grey=True)
        height, width, notes = heads.target_size(self.source, self.size)
        shape = (len(self.files.paths), self.channels or heads.channels, height, width)
        return shape, notes

    def _probed(self) -> Heads:
        heads = in_threads(_head, self.files.paths, "looking at images")
        whole = [head for head in heads if not isinstance(head, Exception)]
        if len(whole) < len(heads):
            raise broken_images(self.source, self.files)
        return Heads.of(whole)

    def _each(self, shape: Shape) -> "Iterator[np.ndarray[Any, Any]]":
        """Yield the images in their order.

        Raises:
            UserError: some are broken; all that are have been looked for.
        """
        _, channels, height, width = shape

        def decoded(path: Path) -> "np.ndarray[Any, Any] | Exception":
            try:
                return decode(path, height, width, channels)
            except Exception as error:  # Pillow raises many kinds on a broken file
                return error

        for pixels in each_in_threads(decoded, self.files.paths, "reading images"):
            if isinstance(pixels, Exception):
                raise broken_images(self.source, self.files)
            yield pixels


def _head(path: Path) -> tuple[int, int, bool] | Exception:
    try:
        return probe(path)
    except Exception as error:  # Pillow raises many kinds on a broken file
        return error


def _check_memory(source: str, shape: tuple[int, int, int, int]) -> None:
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    needed = shape[0] * shape[1] * shape[2] * shape[3]
    if needed > machine:
        raise UserError(
            f"The {shape[0]} images in '{source}' take {needed / 1e9:.0f} GB at "
            f"{shape[2]}x{shape[3]} pixels, more than this machine has: set a smaller `size`."
        )


def _listed(records: Records) -> ImageFiles:
    """Return the files of a sample that lies in a folder."""
    frame = records.frame
    paths = [Path(path) for path in frame["path"]]
    top = os.path.commonpath(paths)
    names = [path.relative_to(top).as_posix() for path in paths]
    return ImageFiles(paths, names, frame["label"].to_list())


def _fitted(images: Tensor, source: str, size: Size | None, channels: int | None) -> Tensor:
    """Bring a sample's images to a size and a number of channels: (N, C, H, W) uint8."""
    shape = tuple(images.shape[2:])
    heads = Heads.of([(shape[0], shape[1], images.shape[1] == 1)])
    height, width, _ = heads.target_size(source, size)
    channels = channels or images.shape[1]
    if (channels, height, width) == tuple(images.shape[1:]):
        return images
    from PIL import Image

    rows = [
        Image.fromarray(row.squeeze(-1).numpy()) for row in images.permute(0, 2, 3, 1)
    ]  # (N, H, W, C), without C where it is grey
    return torch.stack([torch.from_numpy(fit(row, height, width, channels).copy()) for row in rows])
