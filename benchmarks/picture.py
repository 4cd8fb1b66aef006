"""The README's picture: three backbones on one config, and what the best of them gets wrong."""

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from datamodules.image import ImageDataModule
from datamodules.store import Pixels
from fulgurite.__main__ import main

TARGET = Path(__file__).parent.parent / "docs" / "digits.png"
BACKBONES = ("ConvNet", "ResNet", "VisionTransformer")
EPOCHS = 30


def run(words: list[str]) -> None:
    """Train each backbone and draw."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        runs = {name: _trained(name) for name in BACKBONES}
        _draw(runs)


def _trained(backbone: str) -> Path:
    flags = ["--model.backbone", backbone, "--trainer.max_epochs", str(EPOCHS)]
    if backbone == "VisionTransformer":
        flags += ["--model.optimizer.lr", "0.001"]
    run = Path(_command("fit", "--config", "digits_cnn", "--early_stopping", "null", *flags)["run"])
    _command("predict", "--ckpt_path", str(run))
    return run


def _command(*words: str) -> dict[str, Any]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        main([*words, "--json"])
    result: dict[str, Any] = json.loads(printed.getvalue())
    return result


def _draw(runs: dict[str, Path]) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure = plt.figure(figsize=(10, 3.2), layout="constrained")
    parts: Any = figure.subfigures(1, 2, width_ratios=(1.25, 1))
    curves, digits = parts
    axis = curves.subplots()
    for name, run in runs.items():
        epochs = pl.read_csv(run / "metrics.csv").drop_nulls("val/accuracy")
        axis.plot(epochs["epoch"] + 1, epochs["val/accuracy"], label=f"--model.backbone {name}")
    axis.set(xlabel="epoch", ylabel="val/accuracy", ylim=(0.8, 1.0))
    axis.legend(frameon=False, loc="lower right", prop={"family": "monospace", "size": 8})
    axis.spines[["top", "right"]].set_visible(False)
    _draw_mistakes(digits, runs["ConvNet"])
    TARGET.parent.mkdir(exist_ok=True)
    figure.savefig(TARGET, dpi=120)


def _draw_mistakes(figure: Any, run: Path) -> None:
    data = ImageDataModule("sample:digits")
    data.setup("test")
    assert data.split is not None
    assert data.store is not None
    assert data.store.target is not None
    pixels = data.store.inputs["image"]
    assert isinstance(pixels, Pixels)
    predicted = pl.read_csv(run / "predictions.csv")["prediction"].to_numpy()
    target = data.store.target.numpy()
    rows = sorted(data.split.test, key=lambda row: predicted[row] == target[row])[:10]
    figure.suptitle("held-out digits, mistakes first (red)", fontsize=9)
    for axis, row in zip(figure.subplots(2, 5).flat, rows, strict=True):
        axis.imshow(pixels.images[row, 0], cmap="gray_r")
        wrong = predicted[row] != target[row]
        title = f"{target[row]}, said {predicted[row]}" if wrong else str(target[row])
        axis.set_title(title, fontsize=8, color="crimson" if wrong else "black")
        axis.set_axis_off()
