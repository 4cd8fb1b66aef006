"""What is fine-tuned on: real texts and pictures, with so many labelled rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from datamodules.sources.samples import images, texts

Rows = NDArray[np.int64]
HELD_OUT, MOST = 0.3, 600
"""The share of a set that is held out for the figures, and so many rows at most."""
TOKENS = 64
"""Tokens that a text keeps."""
VALIDATION = 0.2
"""The share of the labelled rows by which the best epoch is chosen."""


@dataclass(frozen=True)
class Task:
    """A set of which some rows are labelled.

    Attributes:
        name: of the sample.
        kind: of its inputs.
        weights: the checkpoint that is fine-tuned.
        inputs: the column of texts or of paths.
        target: the column of classes.
        epochs: for each number of labelled rows that is measured.
        ways: that are measured at the largest number.
    """

    name: str
    kind: str
    weights: str
    inputs: str
    target: str
    epochs: dict[int, int]
    ways: tuple[str, ...]

    def frame(self) -> pl.DataFrame:
        """Return the inputs and classes of all rows."""
        module = texts if self.kind == "text" else images
        records = getattr(module, self.name)()
        frame: pl.DataFrame = records.frame.select(self.inputs, self.target)
        return frame


CURVE = ("full", "probe", "random weights")
"""Ways that are measured at every number of labelled rows."""
ALL = (*CURVE, "layer-wise", "head first", "unfreezing", "LoRA")
TASKS = {
    "stamps": Task(
        "stamps",
        "image",
        "sample:efficientnet_lite0",
        "path",
        "label",
        {50: 20, 200: 10, 480: 6},
        ALL,
    ),
    "birds": Task(
        "birds",
        "text",
        "sample:minilm",
        "remarks",
        "phase_of_flt",
        {50: 16, 200: 8, 1000: 3},
        ALL,
    ),
    "reviews": Task(
        "reviews",
        "text",
        "sample:minilm",
        "review",
        "score",
        {50: 12, 200: 6, 1000: 3},
        (*CURVE, "LoRA"),
    ),
}


class Dealt(NamedTuple):
    """The rows of one trial.

    Attributes:
        file: a table of them with the column ``part``.
        train: texts or paths, (N,), and class numbers.
        val: those by which the best epoch is chosen.
        test: those that are held out.
        classes: how many.
    """

    file: Path
    train: tuple[list[str], Rows]
    val: tuple[list[str], Rows]
    test: tuple[list[str], Rows]
    classes: int


def deal(task: Task, labelled: int, seed: int, folder: Path) -> Dealt:
    """Draw the labelled rows of a trial, in the shares of the classes, and write their table.

    Args:
        task: whose rows.
        labelled: how many rows have a label, validation rows included.
        seed: of the draw.
        folder: where the table is written.
    """
    frame = task.frame()
    names = sorted(frame[task.target].unique().to_list())
    classes = np.array([names.index(each) for each in frame[task.target]])
    held_out = min(MOST, round(HELD_OUT * len(frame)))
    rest, test = train_test_split(
        np.arange(len(frame)), test_size=held_out, random_state=seed, stratify=classes
    )
    if labelled < len(rest):
        rest, _ = train_test_split(
            rest, train_size=labelled, random_state=seed, stratify=classes[rest]
        )
    train, val = _parted(rest, classes, seed)
    parts = [
        frame[rows].with_columns(pl.lit(part).alias("part"))
        for part, rows in (("train", train), ("val", val), ("test", test))
    ]
    file = folder / f"{task.name}-{labelled}-{seed}.csv"
    pl.concat(parts).write_csv(file)

    def rows_of(rows: Rows) -> tuple[list[str], Rows]:
        return frame[task.inputs][rows].to_list(), classes[rows]

    return Dealt(file, rows_of(train), rows_of(val), rows_of(test), len(names))


def _parted(rows: Rows, classes: Rows, seed: int) -> tuple[Rows, Rows]:
    """Return training and validation rows; a class of few rows is for training alone."""
    rng = np.random.default_rng(seed)
    val: list[int] = []
    for number in np.unique(classes[rows]):
        members = rng.permutation(rows[classes[rows] == number])
        val += members[: int(VALIDATION * len(members))].tolist()
    return np.setdiff1d(rows, val), np.array(sorted(val))
