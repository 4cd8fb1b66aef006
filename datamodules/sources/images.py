"""Images of one size, from files or a named sample."""

import dataclasses
import os
import statistics
from pathlib import Path

import polars as pl
import torch
from torch import Tensor

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.sources.folders import ImageFiles, find_images
from datamodules.sources.named import is_sample, read_sample
from datamodules.sources.pixels import decode, fit, probe
from datamodules.sources.threads import in_threads

Size = int | tuple[int, int]

LARGEST_SIDE = 128
"""Pictures of several sizes are brought to at most this, unless a size is given."""


def read_images(
    source: str,
    size: Size | None = None,
    channels: int | None = None,
    manifest: ImageFiles | None = None,
) -> Records:
    """Read images into one tensor.

    The frame has the column ``path`` (below the folder), and before it ``label`` where each class
    has a folder.

    Args:
        source: ``sample:NAME``, a folder with one folder for each class, a folder of images without
            classes, or one image.
        size: side of the square, or (height, width), to which each image is scaled and cropped at
            its centre. ``None`` keeps the size that all have; where they differ it is the median
            shorter side, at most 128.
        channels: 1 (grey) or 3 (colour); ``None`` is 1 where all images are grey.
        manifest: the images, where a table lists them.

    Raises:
        UserError: there is no such sample or path, or an image in it cannot be read.
    """
    _check(size, channels)
    if is_sample(source):
        return _fitted(read_sample(source, "image"), size, channels)
    files = manifest or find_images(source)
    heads = _unbroken(source, files, in_threads(_head, files.paths, "looking at images"))
    height, width, notes = _target_size(source, size, [head[:2] for head in heads])
    channels = channels or (1 if all(grey for _, _, grey in heads) else 3)
    images = _pixels(source, files, height, width, channels)
    labels = {} if files.labels is None else {"label": files.labels}
    listed = pl.DataFrame({**labels, "path": files.names})
    return Records(
        frame=listed if files.frame is None else files.frame,
        origin=source,
        images=images,
        target="label" if labels else None,
        names=files.column,
        notes=files.notes + notes,
    )


def _check(size: Size | None, channels: int | None) -> None:
    sides = (size,) if isinstance(size, int) else size or ()
    if any(side < 1 for side in sides):
        raise UserError(f"The size of images must be at least 1 pixel, not {size}.")
    if channels not in (None, 1, 3):
        raise UserError(f"Images have 1 channel (grey) or 3 (colour), not {channels}.")


def _head(path: Path) -> tuple[int, int, bool] | Exception:
    try:
        return probe(path)
    except Exception as error:  # Pillow raises many kinds on a broken file
        return error


def _unbroken(
    source: str, files: ImageFiles, heads: list[tuple[int, int, bool] | Exception]
) -> list[tuple[int, int, bool]]:
    """Return the heads; if one is broken, look for all that are."""
    whole = [head for head in heads if not isinstance(head, Exception)]
    if len(whole) < len(heads):
        errors = in_threads(_full_error, files.paths, "looking for broken images")
        raise _broken(source, files, errors)
    return whole


def _full_error(path: Path) -> Exception | None:
    try:
        decode(path, 1, 1, 1)
    except Exception as error:  # as above
        return error
    return None


def _broken(source: str, files: ImageFiles, errors: list[Exception | None]) -> UserError:
    broken = [
        f"'{name}' ({'empty file' if path.stat().st_size == 0 else _reason(error)})"
        for name, path, error in zip(files.names, files.paths, errors, strict=True)
        if error is not None
    ]
    more = f" and {len(broken) - 5} more" if len(broken) > 5 else ""
    return UserError(
        f"{len(broken)} of the {len(files.names)} images in '{source}' cannot be read: "
        f"{', '.join(broken[:5])}{more}. Mend or remove them."
    )


def _reason(error: Exception) -> str:
    if type(error).__name__ == "UnidentifiedImageError":
        return "not an image"
    return str(error).strip().rstrip(".") or type(error).__name__


def _target_size(
    source: str, size: Size | None, sizes: list[tuple[int, int]]
) -> tuple[int, int, list[str]]:
    """Return height, width and a note where it had to be chosen."""
    if isinstance(size, int):
        return size, size, []
    if size is not None:
        return *size, []
    if len(set(sizes)) == 1:
        return *sizes[0], []
    side = min(LARGEST_SIDE, round(statistics.median(min(shape) for shape in sizes)))
    note = (
        f"The {len(sizes)} images in '{source}' have {len(set(sizes))} sizes: each was scaled "
        f"and cropped at its centre to {side}x{side}; `size` sets another."
    )
    return side, side, [note]


def _pixels(source: str, files: ImageFiles, height: int, width: int, channels: int) -> Tensor:
    shape = (len(files.paths), channels, height, width)
    _check_memory(source, shape)
    images = torch.empty(shape, dtype=torch.uint8)
    rows = images.numpy()  # the same memory

    def fill(row: int) -> Exception | None:
        try:
            rows[row] = decode(files.paths[row], height, width, channels)
        except Exception as error:  # as above
            return error
        return None

    errors = in_threads(fill, range(len(files.paths)), "reading images")
    if any(error is not None for error in errors):
        raise _broken(source, files, errors)
    return images


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


def _fitted(records: Records, size: Size | None, channels: int | None) -> Records:
    """Bring a sample's images to a size and a number of channels."""
    images = records.images
    if images is None or not len(images):
        return records
    shape = tuple(images.shape[2:])
    height, width, _ = _target_size(records.origin, size, [(shape[0], shape[1])])
    channels = channels or images.shape[1]
    if (channels, height, width) == tuple(images.shape[1:]):
        return records
    from PIL import Image

    rows = [
        Image.fromarray(row.squeeze(-1).numpy()) for row in images.permute(0, 2, 3, 1)
    ]  # (N, H, W, C), without C where it is grey
    fitted = [torch.from_numpy(fit(row, height, width, channels).copy()) for row in rows]
    return dataclasses.replace(records, images=torch.stack(fitted))
