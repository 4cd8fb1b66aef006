"""What a race is, and the two contestants that each race has."""

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import torch
import torchmetrics
from torch import Tensor, nn
from torch.optim import AdamW
from torch.utils.data import DataLoader

from benchmarks.rounds import Result
from fulgurite.arguments import read_arguments
from fulgurite.experiment import Experiment
from fulgurite.run_folder import new_run


@dataclass
class Race:
    """Contestants that train the same model on the same rows.

    Attributes:
        title: what is trained on.
        contestants: by name.
        reference: whose speed is 1.
        tolerance: by which losses may differ, as a share.
    """

    title: str
    contestants: dict[str, Callable[[], Result]]
    reference: str
    tolerance: float


def fulgurite(settings: dict[str, Any], val_loss: Callable[[nn.Module], float]) -> Result:
    """Train as ``fulgurite fit`` does, with logging, progress, checkpoints and metrics on."""
    flags = [f"--{key}={value}" for key, value in settings.items()]
    experiment = Experiment(read_arguments([*flags, "--trainer.accelerator=cpu"]))
    trainer, module, datamodule = experiment.build(run=new_run("speed", Path("runs")))
    begun = time.perf_counter()
    trainer.fit(module, datamodule)
    return Result(time.perf_counter() - begun, val_loss(module))


class PlainModule(L.LightningModule):
    """The same network as most Lightning programs write it: ``self.log`` in each step."""

    def __init__(self, network: nn.Module, classes: int, lr: float) -> None:
        super().__init__()
        self.network = network
        self.lr = lr
        self.accuracy = torchmetrics.Accuracy("multiclass", num_classes=classes)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.network(*inputs)
        return logits

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        """Return the loss, logged."""
        *inputs, target = batch
        loss = nn.functional.cross_entropy(self(*inputs), target)
        self.log("train/loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Log loss and accuracy."""
        *inputs, target = batch
        logits = self(*inputs)
        self.accuracy(logits, target)
        self.log("val/loss", nn.functional.cross_entropy(logits, target), prog_bar=True)
        self.log("val/accuracy", self.accuracy, prog_bar=True)

    def configure_optimizers(self) -> Any:
        """Return the optimizer."""
        return AdamW(self.parameters(), lr=self.lr)


def plain_lightning(
    module: PlainModule,
    train: DataLoader[Any],
    val: DataLoader[Any],
    epochs: int,
    val_loss: Callable[[nn.Module], float],
) -> Result:
    """Train with Lightning's defaults."""
    # its progress bar is part of the race but not of the table on standard output
    with contextlib.redirect_stdout(sys.stderr):
        trainer = L.Trainer(max_epochs=epochs, accelerator="cpu")
        begun = time.perf_counter()
        trainer.fit(module, train, val)
        seconds = time.perf_counter() - begun
    return Result(seconds, val_loss(module))


def cross_entropy_of(
    forward: Callable[[Tensor], Tensor], rows: Tensor, target: Tensor, module: nn.Module
) -> float:
    """Return the mean cross-entropy of rows, in batches of 1024.

    Args:
        forward: maps row numbers to logits.
        rows: (M,) row numbers.
        target: (rows,) of the whole data set.
        module: put into evaluation mode for it.
    """
    module.eval()
    with torch.inference_mode():
        losses = [
            nn.functional.cross_entropy(forward(part), target[part], reduction="sum")
            for part in rows.split(1024)
        ]
    module.train()
    return float(torch.stack(losses).sum()) / len(rows)
