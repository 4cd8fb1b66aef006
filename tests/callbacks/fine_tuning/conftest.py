"""A model with batch normalisation and dropout, and images that it sees."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import lightning as L
import pytest
import torch
from torch.optim import SGD

from datamodules.image import ImageDataModule
from lightning_modules.backbones.resnet import ResNet
from lightning_modules.classification import Classification

Built = tuple[Classification, ImageDataModule]
State = dict[str, torch.Tensor]


@pytest.fixture
def digits() -> Callable[..., Built]:
    """Build a module and a datamodule; keywords are the datamodule's."""

    def build(dropout: float = 0.5, **settings: Any) -> Built:
        L.seed_everything(0, verbose=False)
        data = ImageDataModule("sample:digits", batch_size=256, **settings)
        backbone = partial(ResNet, widths=(8, 8), blocks=1, dropout=dropout)
        return Classification(data.spec, backbone, optimizer=partial(SGD, lr=0.1)), data

    return build


class Watching(L.Callback):
    """Keep the state of the backbone, and which modules train, at the end of each epoch."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.training: list[set[str]] = []

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._keep(pl_module)

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._keep(pl_module)

    def _keep(self, module: Any) -> None:
        state = module.backbone.state_dict()
        self.states.append({name: value.clone() for name, value in state.items()})
        named = module.backbone.named_modules()
        self.training.append({name for name, part in named if part.training})

    def changed(self) -> Iterator[set[str]]:
        """Yield which tensors each epoch changed."""
        for before, after in zip(self.states, self.states[1:], strict=False):
            yield {name for name in after if not torch.equal(before[name], after[name])}


@pytest.fixture
def watching() -> Watching:
    """Watch a fit; it must come last among the callbacks."""
    return Watching()
