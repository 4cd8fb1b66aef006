"""A list of random transforms, applied to a training batch on its device."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn

from datamodules.augmentation.draws import Draws
from datamodules.augmentation.images import ImageAugmentation
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.seeds import mix


class Augment:
    """Change the images of a training batch, a function of (seed, epoch, rows) alone.

    Our transforms draw for each row from a hash of (seed, epoch, row, operation). Foreign ones, any
    ``nn.Module`` that is called with images alone, such as those of ``torchvision.transforms.v2``
    or kornia, draw from torch's generator, seeded by (seed, epoch, batch) and put back afterwards;
    torchvision's make one draw for the whole batch.

    Args:
        transforms: in the order in which they are applied.
        seed: of the run.

    Examples:
        >>> augment = Augment([RandomShift(), RandomFlip()], seed=0)
        >>> batch = augment(batch, epoch=3, batch_number=17)
    """

    def __init__(self, transforms: Sequence[nn.Module], seed: int) -> None:
        self.transforms = list(transforms)
        self.seed = seed
        self.foreign = [t for t in transforms if not isinstance(t, ImageAugmentation)]

    def __call__(self, batch: Batch, epoch: int, batch_number: int) -> Batch:
        """Return a batch with changed images and all else as it was.

        Where several inputs are images, each is changed with the same random numbers.

        Args:
            batch: whose inputs are, or hold, (N, C, H, W) floats; left as it is.
            epoch: the trainer's.
            batch_number: the batch's place in the epoch.

        Raises:
            UserError: no input is an image, or a foreign transform changes its shape or type.
        """
        inputs = batch["inputs"]
        seed = mix(self.seed, epoch, batch_number)
        changed = batch.copy()
        if isinstance(inputs, Tensor):
            if not _is_image(inputs):
                raise _no_image({"the input": inputs})
            changed["inputs"] = self._change(inputs, Draws(batch["index"], self.seed, epoch), seed)
            return changed
        images = {name: value for name, value in inputs.items() if _is_image(value)}
        if not images:
            raise _no_image({f"'{name}'": value for name, value in inputs.items()})
        changed["inputs"] = inputs | {
            name: self._change(image, Draws(batch["index"], self.seed, epoch), seed)
            for name, image in images.items()
        }
        return changed

    def _change(self, images: Tensor, draws: Draws, seed: int) -> Tensor:
        if not self.foreign:
            return self._apply(images, draws)
        for transform in self.foreign:
            transform.to(images.device)  # kornia's keep tensors
        # once for the list: seeded one by one, two transforms would draw the same numbers
        with _seeded(seed, images.device):
            return self._apply(images, draws)

    def _apply(self, images: Tensor, draws: Draws) -> Tensor:
        for transform in self.transforms:
            if isinstance(transform, ImageAugmentation):
                images = transform(images, draws)
            else:
                images = _as_before(transform, transform(images), images)
        return images


def _is_image(value: Tensor) -> bool:
    return value.ndim == 4 and value.is_floating_point()


def _no_image(inputs: dict[str, Tensor]) -> UserError:
    found = ", ".join(f"{name} is {_told(value)}" for name, value in inputs.items())
    return UserError(
        "Augmentation changes images, floats of shape (N, C, H, W), and this data set has none: "
        f"{found}. Take the transforms out of the data's config."
    )


def _as_before(transform: nn.Module, changed: object, images: Tensor) -> Tensor:
    """Return what a foreign transform gave, checked to fit the model as the images did."""
    if not isinstance(changed, Tensor):
        given = type(changed).__name__
    elif changed.shape != images.shape or changed.dtype != images.dtype:
        given = _told(changed)
    else:
        return changed
    raise UserError(
        f"The transform {type(transform).__name__} turned images, {_told(images)}, into {given}; "
        "a transform must keep shape and type, for the model was built for them."
    )


def _told(value: Tensor) -> str:
    return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"


@contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Seed the generators of the CPU and of ``device`` alone, and put both back at the end."""
    if device.type == "cpu":
        with torch.random.fork_rng(devices=[]):
            # `torch.manual_seed` would seed those of all devices, which are not put back
            torch.default_generator.manual_seed(seed)
            yield
        return
    module = torch.get_device_module(device)
    current = getattr(module, "device", nullcontext)  # of MPS there is but one
    with torch.random.fork_rng(devices=[device], device_type=device.type):
        torch.default_generator.manual_seed(seed)
        with current(device):  # the one that `manual_seed` seeds
            module.manual_seed(seed)
        yield
