"""Altered copies of training rows are put among the test rows: who finds which?

``python -m benchmarks near-duplicates [--quick] [SET ...]`` plants 100 copies of training rows, a
each altered by chance, and looks for pairs across the two parts: by ours, and by what is cheap and
common. Recall counts copies that are told with the row they were made of. Every test row that is
told and was not planted counts against precision, though some are near-duplicates that the data
hold by themselves; 'natural' says how many there are. Without ``--quick`` over three seeds.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from datamodules.near_duplicates.images import near_images, small
from datamodules.near_duplicates.nearest import nearest
from datamodules.near_duplicates.pairs import Pairs
from datamodules.near_duplicates.tables import near_rows
from datamodules.near_duplicates.texts import near_texts
from datamodules.records import Records
from datamodules.sources.images import read_images
from datamodules.sources.tables import read_table

PLANTED = 100
IMAGES = ("mnist5k", "fashion_mnist", "digits")
TEXTS = ("reviews", "birds")
TABLES = ("credit", "hotel_rates", "churn", "diamonds", "crashes")
QUICK = ("mnist5k", "reviews", "credit", "hotel_rates")
Random = np.random.Generator


class Motion(NamedTuple):
    """How far an image is altered: each either way, by chance.

    Attributes:
        pixels: shift across and down.
        degrees: turn.
        scale: change of size, as a share.
        light: change of brightness, as a share.
        noise: standard deviation, of the brightest pixel.
        way: of interpolation.
    """

    pixels: float = 0.0
    degrees: float = 0.0
    scale: float = 0.0
    light: float = 0.0
    noise: float = 0.0
    way: str = "bilinear"


MOTIONS = {
    "brightness 5 %": Motion(light=0.05),
    "noise 0.02": Motion(noise=0.02),
    "half a pixel": Motion(pixels=0.5),
    "half a pixel, bicubic": Motion(pixels=0.5, way="bicubic"),
    "all three": Motion(pixels=0.5, light=0.05, noise=0.02),
    "all three, bicubic": Motion(pixels=0.5, light=0.05, noise=0.02, way="bicubic"),
    "harder": Motion(pixels=1.5, degrees=6, scale=0.04),
}


def run(words: list[str]) -> None:
    """Plant, look and print."""
    parser = argparse.ArgumentParser("python -m benchmarks near-duplicates")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("sets", nargs="*")
    settings = parser.parse_args(words)
    sets = settings.sets or (QUICK if settings.quick else [*IMAGES, *TEXTS, *TABLES])
    print(f"{'set, alteration, finder':48} recall  precision natural  seconds")
    for name in sets:
        kind = _images if name in IMAGES else _texts if name in TEXTS else _table
        seeds = 1 if settings.quick or name == "fashion_mnist" else 3
        results: dict[str, list[tuple[float, ...]]] = {}
        for seed in range(seeds):
            for title, result in kind(name, np.random.default_rng(seed)):
                results.setdefault(f"{name}, {title}", []).append(result)
        for title, every in results.items():
            recall, precision, natural, seconds = np.mean(every, axis=0)
            print(f"{title:48} {recall:6.2f} {precision:10.2f} {natural:7.0f} {seconds:8.1f}")


Result = tuple[str, tuple[float, ...]]
Finder = Callable[[NDArray[np.int64]], Pairs]


def _measured(
    find: Finder, source: NDArray[np.int64], parts: NDArray[np.int64]
) -> tuple[float, ...]:
    """Return recall, precision, natural test rows and seconds; copies are the last rows."""
    count = len(parts) - len(source)
    begun = time.perf_counter()
    pairs = find(parts)
    seconds = time.perf_counter() - begun
    ends = zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    told = {copy for row, copy in ends if copy >= count and source[copy - count] == row}
    rows = {row for row in pairs.second.tolist() if row >= count}
    natural = len({row for row in _test_rows(pairs, parts) if row < count})
    return len(told) / len(source), len(rows) / max(1, len(rows) + natural), natural, seconds


def _test_rows(pairs: Pairs, parts: NDArray[np.int64]) -> set[int]:
    ends = np.concatenate([pairs.first, pairs.second])
    return set(ends[parts[ends] == 1].tolist())


def _chosen(count: int, random: Random) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the training rows that are copied, and the parts of all rows and the copies."""
    train = random.permutation(count)[: int(0.8 * count)]
    source = np.sort(random.choice(train, min(PLANTED, len(train) // 4), replace=False))
    parts = np.ones(count + len(source), dtype=np.int64)
    parts[train] = 0
    return source, parts


def _images(name: str, random: Random) -> Iterator[Result]:
    images = read_images(f"sample:{name}").images
    assert images is not None
    source, parts = _chosen(len(images), random)
    for title, motion in MOTIONS.items():
        copies = moved(images[torch.from_numpy(source)], motion, random)
        for who, finder in _image_finders(torch.cat([images, copies])).items():
            yield f"{title}, {who}", _measured(finder, source, parts)


def _image_finders(images: Tensor) -> dict[str, Finder]:
    finders: dict[str, Finder] = {"ours": lambda of: near_images(images, torch.from_numpy(of))}
    if len(images) < 10_000:
        finders["cosine"] = lambda of: _by_cosine(_pixels(images), of)
        finders["difference hash"] = lambda of: _by_cosine(_difference_hash(images), of)
    return finders


def moved(images: Tensor, motion: Motion, random: Random) -> Tensor:
    """Return altered copies of images: (N, C, H, W) uint8 -> the same."""
    count, _, height, width = images.shape

    def either(most: float) -> Tensor:
        return most * torch.from_numpy(random.choice([-1.0, 1.0], count)).float()

    angle, scale = torch.deg2rad(either(motion.degrees)), 1 + either(motion.scale)
    across, down = 2 * either(motion.pixels) / width, 2 * either(motion.pixels) / height
    rows = [torch.stack([angle.cos() / scale, -angle.sin() / scale, across], dim=1)]
    rows += [torch.stack([angle.sin() / scale, angle.cos() / scale, down], dim=1)]
    grid = F.affine_grid(torch.stack(rows, dim=1), list(images.shape), align_corners=False)
    copies = F.grid_sample(
        images.float() / 255, grid, motion.way, padding_mode="border", align_corners=False
    )
    noise = torch.from_numpy(random.normal(0, 1, copies.shape)).float() * motion.noise
    bright = copies * (1 + either(motion.light)[:, None, None, None]) + noise
    return (bright.clamp(0, 1) * 255).round().byte()


def _pixels(images: Tensor) -> Tensor:
    flat = small(images).float().flatten(1)
    return F.normalize(flat - flat.mean(dim=1, keepdim=True))


def _difference_hash(images: Tensor) -> Tensor:
    """Return signs of differences of neighbours at 9 x 8 pixels (dHash): (N, 64)."""
    reduced = F.interpolate(small(images)[:, None].float(), (8, 9), mode="area")[:, 0]
    return F.normalize(torch.where(reduced.diff(dim=2) > 0, 1.0, -1.0).flatten(1))


def _by_cosine(codes: Tensor, parts: NDArray[np.int64]) -> Pairs:
    """Tell partners by a high cosine that is far above that of the next (Lowe 2004)."""
    pairs = nearest(codes, torch.from_numpy(parts), 2, -1.0)
    train = torch.from_numpy(parts)[pairs[:, 0]] == 0
    rows = torch.where(train, pairs[:, 1], pairs[:, 0])
    partners = torch.where(train, pairs[:, 0], pairs[:, 1])
    away = 1 - (codes[rows] * codes[partners]).sum(dim=1)
    ends = torch.stack([partners, rows], dim=1).numpy()
    order = np.lexsort((away.numpy(), ends[:, 1]))
    ends, distance = ends[order], away.double().numpy()[order]
    first = np.diff(ends[:, 1], prepend=-1) != 0
    second = np.append(distance[1:], np.inf)
    told = first & (distance < 0.05) & (distance < 0.5 * second)
    return Pairs.of(ends[told], distance[told])


def _texts(name: str, random: Random) -> Iterator[Result]:
    records = read_table(f"sample:{name}", "text")
    texts = records.frame[records.text or ""].fill_null("").unique(maintain_order=True)
    texts = texts.filter(texts.str.count_matches(r"\S+") >= 8)
    source, parts = _chosen(len(texts), random)
    vocabulary = [word for text in texts[:2000] for word in text.split()]
    for title, alter in (("two words changed", _changed), ("capitals and commas", _shouted)):
        copies = [alter(texts[int(row)], vocabulary, random) for row in source]
        every = pl.concat([texts, pl.Series(texts.name, copies)])
        for who, finder in _text_finders(every).items():
            yield f"{title}, {who}", _measured(finder, source, parts)


def _text_finders(texts: pl.Series) -> dict[str, Finder]:
    return {
        "ours": lambda of: near_texts(texts, of),
        "TF-IDF cosine": lambda of: _by_cosine(_tf_idf(texts), of),
    }


def _changed(text: str, vocabulary: list[str], random: Random) -> str:
    words = text.split()
    for place in random.choice(len(words), 2, replace=False):
        words[place] = vocabulary[random.integers(len(vocabulary))]
    return " ".join(words)


def _shouted(text: str, vocabulary: list[str], random: Random) -> str:
    return ",  ".join(text.upper().split())


def _tf_idf(texts: pl.Series) -> Tensor:
    from sklearn.feature_extraction.text import TfidfVectorizer

    found = TfidfVectorizer(max_features=3000).fit_transform(texts.to_list())
    return torch.from_numpy(found.toarray()).float()


def _table(name: str, random: Random) -> Iterator[Result]:
    records: Records = read_table(f"sample:{name}")
    frame = records.frame.drop(str(records.target), *records.leave_out).unique(maintain_order=True)
    source, parts = _chosen(len(frame), random)
    numbers = [column for column in frame.columns if frame[column].dtype.is_numeric()]
    ways: dict[str, Callable[[pl.Expr], pl.Expr]] = {
        "2 significant digits": lambda x: x.round_sig_figs(2),
        "3 significant digits": lambda x: x.round_sig_figs(3),
        "1 decimal": lambda x: x.round(1),
        "32 bits": lambda x: x.cast(pl.Float32).cast(pl.Float64),
    }
    for title, way in ways.items():
        rounded = [way(pl.col(name).cast(pl.Float64)).cast(frame[name].dtype) for name in numbers]
        copies = frame[source].with_columns(rounded)
        kept = ~pl.concat([frame, copies]).is_duplicated()[len(frame) :].to_numpy()
        if not kept.any():
            continue
        every = pl.concat([frame, copies.filter(pl.Series(kept))])
        among = np.concatenate([parts[: len(frame)], np.ones(int(kept.sum()), dtype=np.int64)])
        found = _measured(partial(near_rows, every), source[kept], among)
        yield f"{title}, ours", found
