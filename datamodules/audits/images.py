"""Images that show nothing, and pixels that tell the class."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Example, Finding, Severity
from datamodules.audits.one_feature import Floats, targets_of, told
from datamodules.sources.threads import in_threads
from datamodules.splits.split import Rows

BLOCK = 4096
ROWS = 3000
SIDE = 32
LEVELS = 16
STRONG = 0.75
RATIO = 3.0
SMALLER, FEW = 4.0, 0.05
"""Odd images are so many times smaller, or half as many times longer, and at most this share."""


def single_colour(audited: Audited) -> list[Finding]:
    """Find images all of whose pixels are equal."""
    images = audited.records.images
    if images is None:
        return []
    flat = torch.cat([_is_flat(block) for block in images.split(BLOCK)]).numpy()
    rows = np.flatnonzero(flat & (audited.part >= 0))
    if not len(rows):
        return []
    note = f"{len(rows)} of {len(images)} images are of a single colour"
    examples = [audited.example(row, audited.records.names) for row in rows[:3]]
    advice = "leave them out of the source, unless that is what they are to show"
    severity: Severity = "warning"
    return [
        Finding("single_colour", severity, len(rows), note, advice, examples, rows=rows.tolist())
    ]


def odd_size(audited: Audited) -> list[Finding]:
    """Find image files that are far smaller, or of another shape, than nearly all others."""
    if audited.folder is None or audited.records.names is None:
        return []
    names = audited.records.frame[audited.records.names].to_list()
    paths = [audited.folder / name for name in names]
    sizes = np.array(in_threads(_size, paths, "looking at the sizes of images"), dtype=np.float64)
    shorter, shape = sizes.min(axis=1), np.log(sizes[:, 0] / sizes[:, 1])
    small = shorter < np.median(shorter) / SMALLER
    odd = small | (np.abs(shape - np.median(shape)) > np.log(SMALLER / 2))
    rows = np.flatnonzero(odd & (audited.part >= 0))
    if not len(rows) or len(rows) > FEW * len(names):
        return []
    few = "1 image is" if len(rows) == 1 else f"{len(rows)} images are"
    note = f"{few} far smaller, or of another shape, than nearly all others"
    examples = [
        audited.example(row, audited.records.names, f"{names[row]}, {_told(sizes[row])}")
        for row in rows[:3]
    ]
    advice = "look at them: they are scaled and cropped to the size of the others"
    return [Finding("odd_size", "info", len(rows), note, advice, examples, rows=rows.tolist())]


def _size(path: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(path) as image:  # reads the head alone
        return image.height, image.width


def _told(size: Floats) -> str:
    return f"{size[1]:.0f} x {size[0]:.0f} pixels"


def pixel_leak(audited: Audited) -> list[Finding]:
    """Find a place in the images that tells the target nearly alone, such as a mark in a corner.

    Images are brought to 32 pixels a side at most, and each pixel is asked alone, as
    :mod:`~datamodules.audits.target_leak` asks columns. Marks cover few pixels, so the best one is
    held against what nine in ten pixels can at most.
    """
    images = audited.records.images
    if images is None or len(audited.split.train) < 50:
        return []
    places = audited.sample(ROWS)
    levels = _levels(images, audited.split.train[places])  # (N, P) and the width
    findings = []
    for name, target, classes in targets_of(audited, places):
        scores = _scores(levels[0], target, classes)
        best = int(scores.argmax())
        usual = float(np.quantile(scores, 0.9))
        if scores[best] >= STRONG and 1 - usual >= RATIO * (1 - scores[best]):
            findings.append(_finding(audited, name, best, float(scores[best]), levels[1]))
    return findings


def _levels(images: Tensor, rows: Rows) -> tuple[Rows, tuple[int, int]]:
    chosen = images[torch.from_numpy(rows)].float().mean(dim=1, keepdim=True)
    size = tuple(min(SIDE, side) for side in images.shape[2:])
    small = torch.nn.functional.adaptive_max_pool2d(chosen, size)[:, 0]
    levels: Rows = (small.flatten(1) * (LEVELS / 256)).long().numpy()
    return levels, (size[0], size[1])


def _scores(levels: Rows, target: Floats, classes: bool) -> Floats:
    return np.array([told(pixel, target, classes) for pixel in levels.T])


def _finding(
    audited: Audited, target: str, best: int, score: float, size: tuple[int, int]
) -> Finding:
    assert audited.records.images is not None
    height, width = audited.records.images.shape[2:]
    row, column = best // size[1] * height // size[0], best % size[1] * width // size[1]
    note = (
        f"the pixels at row {row + 1}, column {column + 1} alone tell {score:.0%} of '{target}': "
        f"is there a mark in the images?"
    )
    examples: list[Example] = [audited.example(each) for each in audited.split.train[:3]]
    advice = "cut the mark out of the images"
    return Finding("target_leak", "high", 1, note, advice, examples)


def _is_flat(images: Tensor) -> Tensor:
    pixels = images.flatten(2)
    return (pixels.amax(dim=2) == pixels.amin(dim=2)).all(dim=1)
