"""How long a command takes to begin, beside plain Lightning and raw torch.

Fresh processes on one thread, contestants interleaved, ratios of rounds. ``--quick`` runs one
round.
"""

import importlib.metadata
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.first_step import REACHED

OPTIONAL = ("transformers", "torchvision", "scipy", "matplotlib")
COMMANDS = (["--help"], ["fit", "--help"], ["list"], ["version"])
REFERENCE = "plain Lightning"

_NET = """\
def stage(before, width, stride):
    return nn.Sequential(
        nn.Conv2d(before, width, 3, stride, padding=1, bias=False), nn.BatchNorm2d(width),
        nn.ReLU(), nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width),
        nn.ReLU())

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.Sequential(stage(1, 32, 1), stage(32, 64, 2), stage(64, 128, 2))
        self.head = nn.Linear(128, 10)

    def forward(self, images):
        return self.head(self.stages(images).mean(dim=(2, 3)))

def loader(part, shuffle):
    images = torch.from_numpy(arrays[f"{part}_images"]).float() / 16
    labels = torch.from_numpy(arrays[f"{part}_labels"])
    return DataLoader(TensorDataset(images.unsqueeze(1), labels), batch_size=64, shuffle=shuffle)

arrays = np.load("digits.npz")
"""

RAW = f"""\
import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

{_NET}
net = Net()
optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
for images, labels in loader("train", shuffle=True):
    loss = nn.functional.cross_entropy(net(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    os._exit({REACHED})
"""

PLAIN = f"""\
import lightning as L
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchmetrics.classification import MulticlassAccuracy
from benchmarks.first_step import LeaveAtFirstStep

{_NET}
class Classifier(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = Net()
        self.accuracy = MulticlassAccuracy(10)

    def training_step(self, batch, index):
        images, labels = batch
        loss = nn.functional.cross_entropy(self.net(images), labels)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, index):
        images, labels = batch
        logits = self.net(images)
        self.accuracy(logits, labels)
        self.log("val_loss", nn.functional.cross_entropy(logits, labels))
        self.log("val_accuracy", self.accuracy)

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=3e-3, weight_decay=0.05)

trainer = L.Trainer(max_epochs=20, callbacks=[LeaveAtFirstStep()])
trainer.fit(Classifier(), loader("train", shuffle=True), loader("val", shuffle=False))
"""


class Took(NamedTuple):
    """What one process took.

    Attributes:
        cpu: seconds of user and system time.
        wall: seconds that passed.
        status: with which it ended.
    """

    cpu: float
    wall: float
    status: int


def run(words: list[str]) -> None:
    """Measure and print Markdown tables."""
    rounds = 1 if "--quick" in words else 7
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_scripts(folder)
        steps = _interleaved(_first_steps(), folder, rounds)
        commands = {" ".join(["fulgurite", *words]): [*_fulgurite(), *words] for words in COMMANDS}
        answers = _interleaved(commands, folder, rounds)
    for name, took in steps.items():
        if any(one.status != REACHED for one in took):
            raise SystemExit(f"{name} ended with status {took[0].status} before its first step")
    print("\n".join([*_installed(), "", *_step_table(steps), "", *_command_table(answers)]))


def _write_scripts(folder: Path) -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    # a file of arrays: neither script should pay for importing scikit-learn
    parts = {"train": slice(1257), "val": slice(1257, 1527)}
    arrays = {f"{part}_images": digits.images[rows] for part, rows in parts.items()}
    arrays |= {f"{part}_labels": digits.target[rows] for part, rows in parts.items()}
    np.savez(folder / "digits.npz", **arrays)
    (folder / "raw.py").write_text(RAW, encoding="utf-8")
    (folder / "plain.py").write_text(PLAIN, encoding="utf-8")


def _fulgurite() -> list[str]:
    return [sys.executable, "-m", "fulgurite"]


def _first_steps() -> dict[str, list[str]]:
    leave = ["--trainer.callbacks", "benchmarks.first_step.LeaveAtFirstStep"]
    fit = [*_fulgurite(), "fit", "--config", "digits_cnn", *leave]
    return {
        "raw torch": [sys.executable, "raw.py"],
        "fulgurite": fit,
        "fulgurite, FULGURITE_FULL_IMPORTS=1": ["env", "FULGURITE_FULL_IMPORTS=1", *fit],
        REFERENCE: [sys.executable, "plain.py"],
    }


def _interleaved(
    contestants: Mapping[str, list[str]], folder: Path, rounds: int
) -> dict[str, list[Took]]:
    """Run all once in each round, after one that fills caches and writes bytecode."""
    results: dict[str, list[Took]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, words in contestants.items():
            took = _timed(words, folder)
            if number:
                results[name].append(took)
                told = f"{name}: {took.cpu:.2f} s CPU, {took.wall:.2f} s"
                print(f"round {number}/{rounds}  {told}", file=sys.stderr)
    return results


def _timed(words: list[str], folder: Path) -> Took:
    here = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": here}
    environment.pop("FULGURITE_FULL_IMPORTS", None)
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=False)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(cpu, wall, done.returncode)


def _installed() -> list[str]:
    there, missing = [], []
    for name in OPTIONAL:
        try:
            there.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    return [
        f"Installed: {', '.join(there) or 'none'}; not installed: {', '.join(missing) or 'none'}."
    ]


def _step_table(results: Mapping[str, list[Took]]) -> list[str]:
    lines = [
        "| to the first training step | CPU, s | wall, s | CPU, relative | wall, relative |",
        "|---|---|---|---|---|",
    ]
    reference = results[REFERENCE]
    for name, took in results.items():
        pairs = list(zip(took, reference, strict=True))
        cells = [
            f"{statistics.median(one.cpu for one in took):.2f}",
            f"{statistics.median(one.wall for one in took):.2f}",
            _spread([one.cpu / other.cpu for one, other in pairs]),
            _spread([one.wall / other.wall for one, other in pairs]),
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _command_table(results: Mapping[str, list[Took]]) -> list[str]:
    lines = ["| command | wall, s | CPU, s |", "|---|---|---|"]
    for name, took in results.items():
        failed = f" (status {took[0].status})" if took[0].status else ""
        cpu, wall = _spread([one.cpu for one in took]), _spread([one.wall for one in took])
        lines.append(f"| `{name}`{failed} | {wall} | {cpu} |")
    return lines


def _spread(values: Sequence[float]) -> str:
    """Return the median, with the lowest and the highest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
