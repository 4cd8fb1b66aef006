"""A convolutional network on images that are shifted and mirrored."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from benchmarks.rounds import Result
from benchmarks.speed.race import PlainModule, Race, cross_entropy_of, fulgurite, plain_lightning
from datamodules.image import ImageDataModule
from datamodules.store import Pixels
from lightning_modules.backbones.convnet import ConvNet

BATCH = 64
LR = 1e-3


class PerSample(Dataset[Any]):
    """One image at a time through torchvision's transforms, as its tutorials do."""

    def __init__(
        self, images: Tensor, target: Tensor, transform: Callable[[Tensor], Tensor]
    ) -> None:
        self.images = images
        self.target = target
        self.transform = transform

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __getitem__(self, row: int) -> tuple[Tensor, Tensor]:
        """Return one image and its class."""
        return self.transform(self.images[row]), self.target[row]


def race(quick: bool) -> Race:
    """Prepare the digits once, for both contestants."""
    epochs = 1 if quick else 8
    data = ImageDataModule("sample:digits", batch_size=BATCH)
    spec = data.spec
    assert spec.target is not None
    assert data.store is not None
    assert data.split is not None
    assert data.store.target is not None
    pixels = data.store.inputs["image"]
    assert isinstance(pixels, Pixels)
    images, target, classes = pixels.images, data.store.target, len(spec.target.names)
    train, val = (torch.from_numpy(rows) for rows in (data.split.train, data.split.val))

    def val_loss(module: nn.Module) -> float:
        return cross_entropy_of(lambda rows: module(images[rows] / 255), val, target, module)

    def ours() -> Result:
        settings = {
            "data": "ImageDataModule",
            "data.source": "sample:digits",
            "data.batch_size": BATCH,
            "data.augment": "[RandomShift, RandomFlip]",
            "model": "Classification",
            "model.backbone": "ConvNet",
            "model.optimizer": "AdamW",
            "model.optimizer.lr": LR,
            "trainer.max_epochs": epochs,
        }
        return fulgurite(settings, val_loss)

    def plain() -> Result:
        backbone = ConvNet(spec)
        network = nn.Sequential(backbone, nn.Linear(backbone.out_features, classes))
        to_float = v2.ToDtype(torch.float32, scale=True)
        change = v2.Compose([v2.RandomCrop(8, padding=1), v2.RandomHorizontalFlip(), to_float])
        return plain_lightning(
            PlainModule(network, classes, LR),
            DataLoader(PerSample(images[train], target[train], change), BATCH, shuffle=True),
            DataLoader(PerSample(images[val], target[val], to_float), BATCH),
            epochs,
            val_loss,
        )

    contestants = {"Fulgurite": ours, "plain Lightning, per-sample transforms": plain}
    title = f"ConvNet, {len(train)} augmented images, batch {BATCH}"
    reference = "plain Lightning, per-sample transforms"
    # both still learn: their losses scatter more than those of a model that is done
    return Race(title, contestants, reference, tolerance=1.0)
