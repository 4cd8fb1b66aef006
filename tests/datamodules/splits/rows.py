"""Rows that tests divide, and splitters of every kind."""

from collections import Counter
from typing import Any

import numpy as np
import polars as pl

from datamodules.division import Division, divide
from datamodules.records import Records
from datamodules.splits.by_file import FileSplit
from datamodules.splits.by_time import TimeSplit
from datamodules.splits.column import ColumnSplit
from datamodules.splits.grouped import GroupedSplit
from datamodules.splits.grouped_k_fold import GroupedKFold
from datamodules.splits.k_fold import KFold, RepeatedKFold, StratifiedKFold
from datamodules.splits.random import RandomSplit
from datamodules.splits.split import Split
from datamodules.splits.splitter import Splitter, Undivided
from datamodules.splits.stratified import StratifiedSplit
from datamodules.splits.time_series_folds import TimeSeriesFolds

BY_CHANCE: dict[str, Splitter] = {
    "random": RandomSplit(0.2, 0.2),
    "stratified": StratifiedSplit(0.2, 0.1, seed=1),
    "grouped": GroupedSplit("g"),
    "k-fold": KFold(4, 1),
    "stratified k-fold": StratifiedKFold(3, 2),
    "repeated k-fold": RepeatedKFold(3, 4, repeats=2),
    "grouped k-fold": GroupedKFold("g", 3, 1),
}
BY_TIME: dict[str, Splitter] = {
    "time": TimeSplit("t"),
    "time with a gap": TimeSplit("t", gap=2),
    "expanding": TimeSeriesFolds("t", 3, 1),
    "expanding with a gap": TimeSeriesFolds("t", 3, 1, gap=1),
    "sliding": TimeSeriesFolds("t", 4, 2, window="sliding"),
}
AS_TOLD: dict[str, Splitter] = {
    "column": ColumnSplit("p"),
    "files": FileSplit("a.csv", ["b.csv", "c.*"]),
}
EVERY = {**BY_CHANCE, **BY_TIME, **AS_TOLD}


def table(seed: int, count: int = 60, copies: int = 4, first: int = 0) -> pl.DataFrame:
    """Return rows with inputs x and u, of which the last ``copies`` are those of other rows.

    Beside them stand a number of its own, a group, a time, a part, a file and a class.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=count).round(6)
    x[count - copies :] = x[rng.integers(0, count - copies, copies)]
    return pl.DataFrame(
        {
            "id": np.arange(first, first + count),
            "x": x,
            "u": (x * 10).round(),
            "g": rng.integers(0, 14, count),
            "t": rng.integers(0, 40, count),
            "p": rng.choice(["train", "val", "test"], count, p=[0.6, 0.2, 0.2]),
            "f": rng.choice(["a.csv", "b.csv", "c.csv"], count),
            "y": rng.integers(0, 3, count),
        }
    )


def records(frame: pl.DataFrame) -> Records:
    """Return rows as a source of several files gives them."""
    return Records(frame, "rows.csv", files=frame["f"] if "f" in frame.columns else None)


def undivided(frame: pl.DataFrame, together: list[int] | None = None) -> Undivided:
    """Return rows with the classes of column y, where there is one."""
    strata = frame["y"].to_numpy() if "y" in frame.columns else None
    units = None if together is None else np.array(together)
    return Undivided.of(records(frame), strata=strata, together=units)


def divided(splitter: Splitter, frame: pl.DataFrame) -> Division:
    """Return what becomes of rows of which a model sees x and u."""
    strata, rows = frame["y"].to_numpy(), np.arange(len(frame))
    return divide(splitter, records(frame), rows, strata, ["x", "u"], classes=["a", "b", "c"])


def parts(split: Split, count: int) -> np.ndarray:
    """Return the part of each row, and -1 for a row in none; a row in two is an error."""
    told = np.full(count, -1)
    for place, rows in enumerate(split):
        assert (told[rows] == -1).all()
        assert (np.diff(rows) > 0).all()
        told[rows] = place
    return told


def parts_by_row(split: Split, frame: pl.DataFrame) -> Counter[Any]:
    """Return how often each row, by its values in the order of their names, is in each part."""
    values = frame.select(sorted(frame.columns)).rows()
    return Counter(zip(values, parts(split, len(frame)).tolist(), strict=True))


def is_cut(told: np.ndarray, units: np.ndarray) -> bool:
    """Tell whether rows with equal numbers are in several parts."""
    return any(len(set(told[units == unit].tolist())) > 1 for unit in np.unique(units))
