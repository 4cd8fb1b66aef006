"""A multilayer perceptron on a table, batches of 1024."""

import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.rounds import Result
from benchmarks.speed.race import PlainModule, Race, cross_entropy_of, fulgurite, plain_lightning
from datamodules.store import Dense
from datamodules.tabular import TabularDataModule
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification
from lightning_modules.parameter_groups.optimizer import build_optimizer

BATCH = 1024
LR = 1e-3


class Network(nn.Module):
    """The backbone and head that all contestants train."""

    def __init__(self, data: TabularDataModule) -> None:
        super().__init__()
        self.backbone = TabularMLP(data.spec)
        self.head = nn.Linear(self.backbone.out_features, 2)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.head(self.backbone(numeric=numeric, categorical=categorical))
        return logits


class LateFlights:
    """The table as tensors, and its three contestants.

    Args:
        epochs: of each training.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.data = TabularDataModule("sample:flights", batch_size=BATCH)
        self.data.setup("fit")
        store, split = self.data.store, self.data.split
        assert store is not None
        assert store.target is not None
        assert split is not None
        self.columns = [c.values for c in store.inputs.values() if isinstance(c, Dense)]
        self.target = store.target
        self.train, self.val = torch.from_numpy(split.train), torch.from_numpy(split.val)

    def val_loss(self, module: nn.Module) -> float:
        """Return the loss on the validation rows, computed the same way for all."""

        def forward(rows: Tensor) -> Tensor:
            numeric, categorical = (column[rows] for column in self.columns)
            if isinstance(module, Classification):
                logits: Tensor = module({"numeric": numeric, "categorical": categorical})
            else:
                logits = module(numeric, categorical)
            return logits

        return cross_entropy_of(forward, self.val, self.target, module)

    def raw_loop(self) -> Result:
        """Train over prepared tensors with nothing around it but a validation each epoch."""
        network = Network(self.data)
        optimizer = build_optimizer(lambda parameters: AdamW(parameters, lr=LR), network)
        prepared = [column[self.train] for column in self.columns]
        target = self.target[self.train]
        begun = time.perf_counter()
        for _ in range(self.epochs):
            for rows in torch.randperm(len(self.train)).split(BATCH):
                logits = network(*(column[rows] for column in prepared))
                loss = nn.functional.cross_entropy(logits, target[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            self.val_loss(network)
        return Result(time.perf_counter() - begun, self.val_loss(network))

    def fulgurite(self) -> Result:
        """Train as the command does."""
        settings = {
            "data": "TabularDataModule",
            "data.source": "sample:flights",
            "data.batch_size": BATCH,
            "model": "Classification",
            "model.backbone": "TabularMLP",
            "model.optimizer": "AdamW",
            "model.optimizer.lr": LR,
            "trainer.max_epochs": self.epochs,
        }
        return fulgurite(settings, self.val_loss)

    def plain_lightning(self) -> Result:
        """Train as most Lightning programs do."""
        module = PlainModule(Network(self.data), 2, LR)
        train, val = (self._loader(rows) for rows in (self.train, self.val))
        return plain_lightning(module, train, val, self.epochs, self.val_loss)

    def _loader(self, rows: Tensor) -> DataLoader[Any]:
        dataset = TensorDataset(*(column[rows] for column in self.columns), self.target[rows])
        return DataLoader(dataset, batch_size=BATCH, shuffle=rows is self.train)


def race(quick: bool) -> Race:
    """Prepare the table of late flights once, for all contestants."""
    flights = LateFlights(epochs=1 if quick else 3)
    return Race(
        title=f"TabularMLP, {len(flights.train)} flights, batch {BATCH}",
        contestants={
            "raw PyTorch loop": flights.raw_loop,
            "Fulgurite": flights.fulgurite,
            "plain Lightning": flights.plain_lightning,
        },
        reference="raw PyTorch loop",
        tolerance=0.02,
    )
