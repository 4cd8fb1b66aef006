"""Every test starts from the same seed, on one thread, in a folder of its own."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata


@pytest.fixture(autouse=True)
def clean_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Isolate a test: seed, threads, import path, what is written below ``tmp_path``, its cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FULGURITE_CACHE", str(tmp_path.with_name(f"{tmp_path.name}.cache")))
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


class Events:
    """What lies in the event files of a folder."""

    def __init__(self, folder: Path) -> None:
        everything = {"images": 0, "tensors": 0, "scalars": 0}
        self.read: Any = EventAccumulator(str(folder), size_guidance=everything).Reload()
        self.tags: dict[str, list[str]] = self.read.Tags()

    def scalar(self, tag: str) -> list[tuple[int, float]]:
        return [(event.step, event.value) for event in self.read.Scalars(tag)]

    def text(self, tag: str) -> str:
        tensor = self.read.Tensors(f"{tag}/text_summary")[-1].tensor_proto
        return str(tensor.string_val[0].decode())

    def image(self, tag: str) -> np.ndarray:
        encoded = self.read.Images(tag)[-1].encoded_image_string
        return np.asarray(Image.open(io.BytesIO(encoded)))

    def curve(self, tag: str) -> np.ndarray:
        assert self.read.SummaryMetadata(tag).plugin_data.plugin_name == "pr_curves"
        tensor = self.read.Tensors(tag)[-1].tensor_proto
        return np.reshape(tensor.float_val, (6, -1))

    def hyperparameters(self) -> dict[str, Any]:
        contents = self.read.PluginTagToContent("hparams")
        assert "_hparams_/experiment" not in contents
        start = metadata.parse_session_start_info_plugin_data(
            contents["_hparams_/session_start_info"]
        )
        kinds = {name: value.WhichOneof("kind") for name, value in start.hparams.items()}
        return {name: getattr(start.hparams[name], kind) for name, kind in kinds.items()}

    def is_over(self) -> bool:
        return "_hparams_/session_end_info" in self.read.PluginTagToContent("hparams")


@pytest.fixture
def events() -> type[Events]:
    """Read the event files of a folder."""
    return Events
