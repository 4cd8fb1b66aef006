"""Images that show nothing, are of odd sizes, or have a mark that tells the class."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from datamodules.audits.audited import Audited
from datamodules.audits.images import odd_size, pixel_leak, single_colour
from datamodules.image import ImageDataModule
from datamodules.records import Records


@pytest.fixture
def pixels(rng):
    return rng.integers(0, 200, (200, 1, 12, 12), dtype=np.uint8)


def audited_of(
    looked_at: Callable[..., Audited],
    rng: np.random.Generator,
    pixels: np.ndarray,
    labels: np.ndarray | None = None,
) -> Audited:
    labels = rng.choice(["cat", "dog"], len(pixels)) if labels is None else labels
    frame = pl.DataFrame({"y": labels})
    records = Records(frame, "rows", target="y", images=torch.from_numpy(pixels))
    return looked_at(records, np.arange(len(pixels)) % 4 % 3, ImageDataModule)


def test_images_of_one_colour(looked_at, rng, pixels):
    assert single_colour(audited_of(looked_at, rng, pixels)) == []
    pixels[[3, 70]] = 9
    (found,) = single_colour(audited_of(looked_at, rng, pixels))
    assert found.rows == [3, 70]


def test_a_mark_in_the_corner(looked_at, rng, pixels):
    labels = rng.choice(["cat", "dog"], 200)
    assert pixel_leak(audited_of(looked_at, rng, pixels, labels)) == []
    pixels[labels == "dog", :, 0, 11] = 255
    (found,) = pixel_leak(audited_of(looked_at, rng, pixels, labels))
    assert (found.kind, found.severity) == ("target_leak", "high")
    assert "row 1, column 12" in found.note


def test_files_of_odd_sizes(tmp_path, rng):
    for row in range(40):
        size = {7: (4, 4), 9: (100, 20)}.get(row, (32, 30))
        folder = tmp_path / ("cat" if row % 2 else "dog")
        folder.mkdir(exist_ok=True)
        noise = rng.integers(0, 255, (*size, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{row:02d}.png")
    data = ImageDataModule(str(tmp_path), size=16)
    records = data.read()
    data.prepare(records)
    (found,) = odd_size(Audited.of(data, records))
    assert (found.severity, found.count) == ("info", 2)
    assert {example.value for example in found.examples} == {
        "cat/07.png, 4 x 4 pixels",
        "cat/09.png, 20 x 100 pixels",
    }
