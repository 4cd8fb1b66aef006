"""Images that a column names as the embeddings of a pretrained network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from datamodules.errors import UserError, choices
from datamodules.features.embeddings import Embeddings, Vectors
from datamodules.features.steps.step import Step
from datamodules.pretrained.place import locate
from datamodules.pretrained.tensors import read_tensors

HEADS = ("fc", "classifier", "heads", "head")
"""What torchvision calls the part of a network that names classes."""


class ImageEmbedding(Embeddings):
    """What a pretrained network knows of an image before it names a class.

    Images are brought to the size and the colours that the network was trained with, as its library
    describes them.

    Args:
        column: of paths of images, as they are or from the folder of the table on.
        checkpoint: the network's weights: a file (``.pth`` or ``.safetensors``), a folder, an
            installed package, a repository of the hub, or ``sample:efficientnet_lite0``.
        architecture: the network, by its name in torchvision, such as ``resnet18``, or in timm
            (which needs ``fulgurite[vision]``).
        batch_size: images that are embedded at once.
        steps: what is done to the numbers, in order; if ``None``, nothing.

    Raises:
        UserError: if ``batch_size`` is below 1.
    """

    def __init__(
        self,
        column: str,
        checkpoint: str,
        architecture: str,
        batch_size: int = 32,
        steps: list[Step] | None = None,
    ) -> None:
        super().__init__(column, checkpoint, batch_size, steps)
        self.architecture = architecture

    def embed(self, values: list[str], origin: str) -> Iterator[tuple[list[int], Vectors]]:
        """Yield batches of images."""
        model, prepare = self._load()
        folder = Path(origin).expanduser().parent
        for first in range(0, len(values), self.batch_size):
            places = list(range(first, min(first + self.batch_size, len(values))))
            images = [self._read(values[place], folder, origin, prepare) for place in places]
            # every batch has the same shape, since sums in another order round otherwise
            images += [images[-1]] * (self.batch_size - len(images))
            with torch.inference_mode():
                vectors = model(torch.stack(images)).flatten(1)
            yield places, vectors[: len(places)].numpy()

    def _read(self, value: str, folder: Path, origin: str, prepare: Any) -> Tensor:
        from PIL import Image, UnidentifiedImageError

        path = Path(value).expanduser()
        path = folder / path if (folder / path).is_file() else path
        try:
            with Image.open(path) as image:
                prepared: Tensor = prepare(image.convert("RGB"))
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
            why = "there is no such file" if not path.is_file() else "it cannot be read"
            raise UserError(
                f"{origin}: column '{self.column}' names the image '{value}', but {why}."
            ) from error
        return prepared

    def _load(self) -> tuple[nn.Module, Any]:
        from torchvision import models

        known = models.list_models(module=models)
        if self.architecture not in known:
            return self._from_timm(known)
        model = models.get_model(self.architecture, weights=None)
        self._fill(model)
        head = next(name for name in HEADS if hasattr(model, name))
        setattr(model, head, nn.Identity())
        weights = next(iter(models.get_model_weights(self.architecture)))
        return model.eval(), weights.transforms()

    def _from_timm(self, known: list[str]) -> tuple[nn.Module, Any]:
        try:
            import timm
        except ImportError as error:
            raise UserError(
                f"There is no network '{self.architecture}' in torchvision; for those of timm: "
                f"pip install 'fulgurite[vision]'.{choices(self.architecture, known)}"
            ) from error
        if not timm.is_model(self.architecture):
            raise UserError(
                f"There is no network '{self.architecture}' in torchvision or timm."
                f"{choices(self.architecture, [*known, *timm.list_models()])}"
            )
        model = timm.create_model(self.architecture, pretrained=False)
        self._fill(model)
        model.reset_classifier(0)
        settings = timm.data.resolve_model_data_config(model)
        return model.eval(), timm.data.create_transform(**settings)

    def _fill(self, model: nn.Module) -> None:
        tensors = read_tensors(locate(self.checkpoint).files)
        try:
            model.load_state_dict(tensors)
        except RuntimeError as error:
            raise UserError(
                f"'{self.checkpoint}' does not hold the weights of {self.architecture}: "
                f"{' '.join(str(error).split())[:200]}"
            ) from error
