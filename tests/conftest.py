"""Every test starts from the same seed, on one thread, in a folder of its own."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import polars as pl
import pytest
import torch


@pytest.fixture(autouse=True)
def clean_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Isolate a test: seed, threads, import path, and runs written below ``tmp_path``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    torch.set_num_threads(1)
    L.seed_everything(0, verbose=False)


@pytest.fixture(scope="session")
def table_of_people() -> pl.DataFrame:
    """Return 120 people: numbers with gaps, a category, and a target of each kind.

    ``buys`` is yes or no, ``plan`` one of three, ``likes`` any number of labels, ``spends`` and
    ``saves`` are numbers; all but ``likes`` follow from the age.
    """
    rng = np.random.default_rng(0)
    age = rng.integers(18, 80, 120)
    likes = rng.choice(["art", "art|food", "food", "food|golf", "art|food|golf"], 120)
    return pl.DataFrame(
        {
            "age": [None if row % 10 == 0 else int(years) for row, years in enumerate(age)],
            "height": rng.normal(170, 10, 120).round(1),
            "city": rng.choice(["Bern", "Oslo", "Rome"], 120),
            "buys": np.where(age > 45, "yes", "no"),
            "plan": np.select([age < 35, age < 55], ["free", "basic"], "gold"),
            "likes": likes,
            "spends": (age * 20 + rng.normal(0, 30, 120)).round(2),
            "saves": (age**2 + 0.5).round(2),
        }
    )


@pytest.fixture
def people(tmp_path: Path, table_of_people: pl.DataFrame) -> Path:
    """Write the table of people, and return its path."""
    path = tmp_path / "people.csv"
    table_of_people.write_csv(path)
    return path


@pytest.fixture
def trainer() -> Callable[..., L.Trainer]:
    """Build a trainer of one silent epoch that writes nothing; keywords change it."""

    def build(**settings: Any) -> L.Trainer:
        quiet = {
            "logger": False,
            "enable_checkpointing": False,
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "num_sanity_val_steps": 0,
        }
        return L.Trainer(**{"accelerator": "cpu", "max_epochs": 1, **quiet, **settings})

    return build
