"""A small run that callbacks watch."""

from collections.abc import Callable
from functools import partial

import lightning as L
import pytest
from torch.optim import Adam

from datamodules.tabular import TabularDataModule
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification


@pytest.fixture
def run(people) -> Callable[..., tuple[Classification, TabularDataModule]]:
    """Build a module and a datamodule whose 84 training rows make batches of 16 and 17."""

    def build(
        target: str = "buys", rate: float = 0.05, dropout: float = 0.0
    ) -> tuple[Classification, TabularDataModule]:
        L.seed_everything(0, verbose=False)
        data = TabularDataModule(str(people), target=target, batch_size=20)
        backbone = partial(TabularMLP, width=8, depth=1, dropout=dropout)
        return Classification(data.spec, backbone, optimizer=partial(Adam, lr=rate)), data

    return build
