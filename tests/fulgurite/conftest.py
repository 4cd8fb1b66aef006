"""The command in this process, and a config that trains in a moment."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from fulgurite.__main__ import main


class Outcome(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run ``fulgurite`` with these words."""

    def run(*words: str | Path) -> Outcome:
        capfd.readouterr()
        status = 0
        try:
            main([str(word) for word in words])
        except SystemExit as left:
            status = int(left.code or 0)
        return Outcome(status, *capfd.readouterr())

    return run


CONFIG = """\
data:
  class_path: TabularDataModule
  init_args: {source: people.csv, target: buys, batch_size: 32}
model:
  class_path: Classification
  init_args:
    backbone: {class_path: TabularMLP, init_args: {width: 8, depth: 1}}
    optimizer: {class_path: AdamW, init_args: {lr: 1e-2}}
trainer: {max_epochs: 2, enable_progress_bar: false}
"""


@pytest.fixture
def config(people: Path) -> Path:
    """A config for the table of people."""
    path = people.with_name("people.yaml")
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory, table_of_people: pl.DataFrame) -> Path:
    """A folder in which the config was fitted, once for all tests."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", sys.path[:])
        table_of_people.write_csv("people.csv")
        Path("people.yaml").write_text(CONFIG, encoding="utf-8")
        main(["fit", "--config", "people.yaml"])
    return folder


@pytest.fixture
def run(config: Path, trained_once: Path) -> Path:
    """A trained run, which is also the latest."""
    shutil.copytree(trained_once / "runs", "runs", symlinks=True)
    return Path("runs/people/0")
