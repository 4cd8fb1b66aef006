"""Every test starts from the same seed, on one thread, in a folder of its own."""

from pathlib import Path

import lightning as L
import pytest
import torch


@pytest.fixture(autouse=True)
def clean_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Isolate a test: seed, threads, and runs written below ``tmp_path``."""
    monkeypatch.chdir(tmp_path)
    torch.set_num_threads(1)
    L.seed_everything(0, verbose=False)
