"""Images from files beside the map of decoded ones: the first start, the next, and the epochs."""

import argparse
import importlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from benchmarks.rounds import Result, interleaved, speeds
from datamodules.sources.images import read_images
from datamodules.sources.pixels import decode
from datamodules.store import Pixels

if TYPE_CHECKING:
    from PIL.Image import Image

STAMPS = "/usr/share/tuxpaint/stamps"
"""Photographs and drawings of the Debian package ``tuxpaint-stamps-default``."""

SIZE, BATCH = 128, 64

MOST = 200
"""Images, at least, that are cut from where there are so many."""


def run(words: list[str]) -> None:
    """Make a folder of images, read it in each way in turn, and print."""
    parser = argparse.ArgumentParser("python -m benchmarks image-cache")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--source", default=STAMPS, help="a folder of PNG images to cut from")
    settings = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder, "images")
        origin = make_images(images, settings.images, Path(settings.source))
        print(f"{settings.images} images {origin}, brought to {SIZE}x{SIZE}\n")
        os.environ["FULGURITE_CACHE"] = str(Path(folder, "cache"))
        contestants = _contestants(images, Path(folder))
        results = interleaved(contestants, settings.times)
    print(f"{'':28}{'seconds':>9}   as fast as decoding")
    for name, (middle, least, most) in speeds(results, "decoding").items():
        seconds = sorted(result.seconds for result in results[name])[len(results[name]) // 2]
        print(f"{name:28}{seconds:9.3f}   {middle:.1f}x ({least:.1f} to {most:.1f})")


def make_images(folder: Path, count: int, source: Path) -> str:
    """Write images of 300 to 600 pixels a side, two in three as JPEG, and tell what they are of.

    Args:
        folder: to be made, with two classes.
        count: how many.
        source: where there are images to cut from; if none, there are some in scikit-learn.
    """
    stamps = sorted(source.rglob("*.png"))
    origin = (
        f"cut from the {len(stamps)} in {source.name}"
        if stamps
        else "of scikit-learn's two photographs"
    )
    sources = [_opened(path) for path in stamps[:: max(1, len(stamps) // MOST)]] or _photographs()
    generator = torch.Generator().manual_seed(0)
    for number in range(count):
        image = sources[number % len(sources)]
        width, height = torch.randint(300, 601, (2,), generator=generator).tolist()
        place = torch.rand(2, generator=generator).tolist()
        wide, high = min(width, image.width), min(height, image.height)
        left, top = int(place[0] * (image.width - wide)), int(place[1] * (image.height - high))
        cut = image.crop((left, top, left + wide, top + high)).resize((width, height))
        form = "png" if number % 3 == 0 else "jpg"
        path = folder / f"class{number % 2}" / f"{number:05}.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        cut.save(path)
    return origin


def _opened(path: Path) -> "Image":
    from PIL import Image

    with Image.open(path) as image:
        return image.convert("RGB")


def _photographs() -> "list[Image]":
    from PIL import Image

    datasets = importlib.import_module("sklearn.datasets")
    return [Image.fromarray(photograph) for photograph in datasets.load_sample_images().images]


def _contestants(images: Path, folder: Path) -> dict[str, Callable[[], Result]]:
    caches = iter(range(1_000_000))

    def first_start() -> Result:
        os.environ["FULGURITE_CACHE"] = str(folder / f"cache{next(caches)}")
        return _timed(lambda: _mean(_read(images)[:1]))

    def later_start() -> Result:
        return _timed(lambda: _mean(_read(images)[:1]))

    def epoch() -> Result:
        pixels = Pixels(_read(images))
        order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
        return _timed(lambda: _mean(*(pixels.take(rows) for rows in order.split(BATCH))))

    return {
        "decoding": lambda: _timed(lambda: _mean(_decoded(images)[:1])),
        "first start": first_start,
        "second start": later_start,
        "epoch from the map": epoch,
    }


def _read(images: Path) -> torch.Tensor:
    read = read_images(str(images), SIZE).images
    assert read is not None
    return read


def _decoded(images: Path) -> torch.Tensor:
    """Decode one image after the other, as a loader without a cache does in each epoch."""
    paths = sorted(path for path in images.rglob("*") if path.is_file())
    return torch.stack([torch.from_numpy(decode(path, SIZE, SIZE, 3).copy()) for path in paths])


def _mean(*images: torch.Tensor) -> float:
    """Look at each pixel, so that none is left on the disk."""
    return sum(float(batch.float().mean()) for batch in images) / len(images)


def _timed(work: Callable[[], float]) -> Result:
    begun = time.perf_counter()
    seen = work()
    return Result(time.perf_counter() - begun, seen)
