"""Rows in parts that are given row by row, as if dealt elsewhere, ready for audits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pytest

from datamodules.audits.audited import Audited
from datamodules.records import Records
from datamodules.splits.split import Split
from datamodules.splits.splitter import Undivided
from datamodules.supervised import SupervisedDataModule
from datamodules.tabular import TabularDataModule

Look = Callable[..., Audited]


@dataclass(frozen=True)
class Given:
    """The part of each row, and what the split says of itself."""

    part: np.ndarray
    time: str | None = None
    group: str | None = None

    @property
    def leave_out(self) -> list[str]:
        return [self.group] if self.group else []

    def __call__(self, undivided: Undivided) -> Split:
        return undivided.split(self.part[undivided.rows].astype(np.int16))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def parts(rng: np.random.Generator) -> Callable[[int], np.ndarray]:
    """Deal rows at random: 70, 15 and 15 % of them."""
    return lambda rows: rng.choice(3, rows, p=[0.7, 0.15, 0.15])


@pytest.fixture
def looked_at() -> Look:
    """Prepare rows in given parts, and return them as audits look at them."""

    def prepare(
        rows: pl.DataFrame | Records,
        part: np.ndarray,
        kind: type[SupervisedDataModule] = TabularDataModule,
        *,
        target: str = "y",
        time: str | None = None,
        group: str | None = None,
        **settings: Any,
    ) -> Audited:
        records = rows if isinstance(rows, Records) else Records(rows, "rows", target=target)
        split = Given(np.asarray(part), time, group)
        data = kind("rows", target=target, cleaning=[], split=split, **settings)
        data.prepare(records)
        return Audited.of(data, records)

    return prepare


@pytest.fixture
def people(rng: np.random.Generator) -> pl.DataFrame:
    """400 rows: three honest numbers, a category, and a target that follows from two of them."""
    first, second, noise = rng.normal(size=(3, 400))
    return pl.DataFrame(
        {
            "first": first.round(4),
            "second": second.round(4),
            "noise": noise.round(4),
            "city": rng.choice(["Bern", "Oslo", "Rome"], 400),
            "y": np.where(first + second + 0.7 * rng.normal(size=400) > 0, "yes", "no"),
        }
    )
