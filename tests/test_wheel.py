"""What is installed from the wheel is all that the command needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_a_shipped_config_is_found_out_of_the_wheel(tmp_path):
    pip = [sys.executable, "-m", "pip", "-q"]
    wheels, installed, empty = tmp_path / "wheels", tmp_path / "installed", tmp_path / "empty"
    subprocess.run([*pip, "wheel", "--no-deps", "-w", wheels, ROOT], check=True)
    (wheel,) = wheels.iterdir()
    subprocess.run([*pip, "install", "--no-deps", "--target", installed, wheel], check=True)
    empty.mkdir()

    few = ["--trainer.max_epochs=1", "--trainer.limit_train_batches=2"]
    run = subprocess.run(
        [sys.executable, "-m", "fulgurite", "fit", "--config", "digits_cnn", "--json", *few],
        cwd=empty,
        env={**os.environ, "PYTHONPATH": str(installed), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"run": "runs/digits_cnn/0"' in run.stdout
    assert (empty / "runs/digits_cnn/0/checkpoints/best.ckpt").is_file()
    assert (
        str(installed)
        in subprocess.run(
            [sys.executable, "-c", "import configs; print(configs.__file__)"],
            cwd=empty,
            env={**os.environ, "PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
