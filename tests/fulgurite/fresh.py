"""Code that runs in a fresh process, as the command does, where nothing is imported yet."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from fulgurite.lean_imports import SWITCH

LIGHTNING = """\
from fulgurite.lean_imports import imports_are_done, put_off_unused_imports
put_off_unused_imports()
import lightning as L, lightning.pytorch.cli, torch, torchmetrics, json, sys, warnings
imports_are_done()
warnings.simplefilter("ignore")
"""

LINE = """
class Line(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def training_step(self, batch, index):
        loss = self.layer(batch).square().mean()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters())

rows = torch.utils.data.DataLoader(torch.ones(8, 2), batch_size=4)

def train(module, **settings):
    quiet = dict(logger=False, enable_checkpointing=False, enable_progress_bar=False)
    trainer = L.Trainer(accelerator="cpu", max_epochs=1, **quiet, **settings)
    trainer.fit(module, rows)
    return trainer
"""


def python(code: str, *, full: bool = False) -> Any:
    """Run code, and return the JSON of the last line that it prints.

    Args:
        code: Python.
        full: with no import put off.
    """
    done = _run(code, full)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def fulgurite(*words: str | Path, full: bool = False) -> str:
    """Run the command, and return what it says."""
    done = _run(f"from fulgurite.__main__ import main; main({[str(w) for w in words]})", full)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def _run(code: str, full: bool) -> "subprocess.CompletedProcess[str]":
    chosen = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", SWITCH: "1" if full else "0"}
    words = [sys.executable, "-c", code]
    environment = {**os.environ, **chosen}
    return subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
