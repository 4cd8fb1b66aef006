"""Two processes of one run look once, and neither is handed what is held out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TWO = ["--trainer.accelerator", "cpu", "--trainer.devices", "2"]
NOSY = """
from lightning.pytorch.callbacks import Callback

class Nosy(Callback):
    def on_train_epoch_end(self, trainer, pl_module):
        data = trainer.datamodule
        data.store.target[data.split.test]
"""


def fulgurite(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as other processes are started only from one."""
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "OMP_NUM_THREADS": "1",
    }
    for name in ("LOCAL_RANK", "FULGURITE_RUN", "FULGURITE_PARENT"):
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "fulgurite", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_two_processes_look_once_and_see_what_one_does(run):
    first, again = (json.loads(fulgurite("test", "--json", *words).stdout) for words in (TWO, []))
    assert (first["look"], first["look_again"]) == (1, False)
    assert (again["look"], again["look_again"]) == (1, True)
    lines = [json.loads(line) for line in Path("runs/ledger.jsonl").read_text().splitlines()]
    assert len(lines) == 2
    assert lines[0]["test_set"] == lines[1]["test_set"]
    assert lines[0]["standard_errors"] == pytest.approx(lines[1]["standard_errors"])


def test_a_callback_is_told_in_two_processes_once(config):
    Path("nosy.py").write_text(NOSY)
    words = ["--config", config.name, "--trainer.callbacks+=nosy.Nosy"]
    done = fulgurite("fit", *words, *TWO)
    assert done.returncode == 2
    assert done.stderr.count("'fulgurite test' measures them") == 1
    assert "Traceback" not in done.stderr
