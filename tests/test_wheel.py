"""What is installed from the wheel is all that the command needs."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_out_of_the_wheel_a_config_is_found_and_a_killed_run_goes_on(tmp_path):
    pip = [sys.executable, "-m", "pip", "-q"]
    wheels, installed, empty = tmp_path / "wheels", tmp_path / "installed", tmp_path / "empty"
    subprocess.run([*pip, "wheel", "--no-deps", "-w", wheels, ROOT], check=True)
    (wheel,) = wheels.iterdir()
    subprocess.run([*pip, "install", "--no-deps", "--target", installed, wheel], check=True)
    empty.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(installed), "OMP_NUM_THREADS": "1"}

    def python(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=empty, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    assert str(installed) in python("-c", "import configs; print(configs.__file__)")
    fit = ["-m", "fulgurite", "fit", "--config", "digits_cnn", "--trainer.max_epochs", "40"]
    killed = subprocess.Popen([sys.executable, *fit, "--quiet"], cwd=empty, env=environment)
    last = empty / "runs/digits_cnn/0/checkpoints/last.ckpt"
    deadline = time.monotonic() + 120
    while not last.is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    epoch = torch.load(last, weights_only=True)["epoch"]
    assert epoch < 39
    told = json.loads(python("-m", "fulgurite", "fit", "--resume", "last", "--json"))
    assert told["run"] == "runs/digits_cnn/0"
    assert torch.load(last, weights_only=True)["epoch"] > epoch
