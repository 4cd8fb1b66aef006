"""Two processes on the CPU have the weights and figures of one, and do not end without a word."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch

from benchmarks.killed_rank import killed
from tests.fulgurite.families import FAMILIES

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("families.py")
TWO = ["--trainer.accelerator", "cpu", "--trainer.devices", "2"]


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, as other processes are started only from one."""
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "OMP_NUM_THREADS": "1",
    }
    for name in ("LOCAL_RANK", "FULGURITE_RUN", "FULGURITE_PARENT"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders with what each family made of the same rows in one and in two processes."""
    one, two = (tmp_path_factory.mktemp(name) for name in ("one", "two"))
    for devices, folder in enumerate((one, two), start=1):
        run(SCRIPT, str(devices), folder)
    return one, two


def told(folder: Path, family: str, rank: int = 0) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / f"{family}-{rank}.json").read_text())
    return content


@pytest.mark.parametrize("family", FAMILIES)
def test_two_processes_learn_and_measure_what_one_does(folders, family):
    one, two = folders
    weights = [torch.load(folder / f"{family}-0.pt") for folder in folders]
    for name, weight in weights[0].items():
        torch.testing.assert_close(weights[1][name], weight, rtol=1e-5, atol=1e-6)
    alone, shared = told(one, family), told(two, family)
    assert shared["figures"].keys() == alone["figures"].keys()
    for name, figure in alone["figures"].items():
        # in a ranking, two rows of nearly one score may change places
        off = 1e-4 if name.endswith(("auroc", "average_precision")) else 1e-6
        assert shared["figures"][name] == pytest.approx(figure, rel=1e-6, abs=off, nan_ok=True)
    assert any(math.isfinite(figure) for figure in alone["figures"].values())
    tables = [pl.read_csv(folder / f"{family}-predicted.csv") for folder in folders]
    assert tables[1]["row"].to_list() == list(range(len(tables[0])))
    assert tables[1].columns == tables[0].columns
    for column in tables[0].columns:
        expected = tables[0][column]
        if expected.dtype.is_numeric():
            assert tables[1][column].to_numpy() == pytest.approx(
                expected.to_numpy(), rel=2e-6, abs=1e-7
            )
        else:
            assert tables[1][column].to_list() == expected.to_list()


@pytest.mark.parametrize("family", FAMILIES)
def test_both_processes_stop_in_the_same_epoch_with_the_same_figures(folders, family):
    one, two = folders
    first, second = (told(two, family, rank) for rank in range(2))
    assert json.dumps(first) == json.dumps(second)
    for what in ("epoch", "stopped"):
        assert first[what] == told(one, family)[what]


def test_the_first_process_alone_speaks(config):
    words = ["fit", "--config", config, "--trainer.enable_progress_bar", "true", "--json"]
    fitted = run(Path(sys.executable).with_name("fulgurite"), *words, *TWO)
    (line,) = fitted.stdout.splitlines()
    report = json.loads(line)
    assert report["run"] == "runs/people/0"
    assert [path.name for path in Path("runs/people").iterdir()] == ["0"]
    lines = fitted.stderr.splitlines()
    notes = [text for text in lines if text.startswith("data: ")]
    assert len(notes) == len(set(notes)) > 0
    assert [text[:9] for text in lines if text not in notes] == ["epoch   1", "epoch   2"]


def test_the_losses_of_rows_are_those_of_one_process(config):
    words = ["fit", "--config", config, "--trainer.callbacks+=RowLosses"]
    words += ["--model.optimizer", "SGD", "--model.optimizer.lr", "0.05"]
    words += ["--model.backbone.dropout", "0"]
    command = Path(sys.executable).with_name("fulgurite")
    run(command, *words, "--data.batch_size", "32")
    run(command, *words, "--data.batch_size", "16", *TWO)
    one, two = (pl.read_csv(f"runs/people/{n}/label_noise.csv").sort("row") for n in (0, 1))
    assert one["epochs"].to_list() == two["epochs"].to_list() == [2] * 84
    for column in ("row", "label", "suggested"):
        assert one[column].equals(two[column])
    for column in ("mean_loss", "last_loss"):
        assert two[column].to_numpy() == pytest.approx(one[column].to_numpy(), abs=5e-5)


@pytest.mark.parametrize("victim", ["first", "second"])
def test_a_run_ends_when_one_of_its_processes_is_killed(victim):
    ending = killed(victim, "training")
    assert ending.seconds < 10
    assert ending.orphans == 0
    assert ending.status
    (sentence,) = ending.told
    assert sentence.startswith("error: Process ")
