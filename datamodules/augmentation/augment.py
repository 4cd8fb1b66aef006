"""A list of random transforms, applied to a training batch on its device."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn

from datamodules.augmentation.augmentation import (
    Augmentation,
    NothingToChangeError,
    named_inputs,
    nothing_to_change,
    told,
)
from datamodules.augmentation.draws import Draws
from datamodules.augmentation.images import ImageAugmentation, is_image
from datamodules.augmentation.mixing import Mixing
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.seeds import mix
from datamodules.spec import DataSpec


class Augment:
    """Change the rows of a training batch, a function of (seed, epoch, rows) alone.

    Our transforms draw for each row from a hash of (seed, epoch, row, operation). Foreign ones, any
    ``nn.Module`` that is called with images alone, such as those of ``torchvision.transforms.v2``
    or kornia, draw from torch's generator, seeded by (seed, epoch, batch, place in the list) and
    put back afterwards; torchvision's make one draw for the whole batch.

    Args:
        transforms: in the order in which they are applied.
        seed: of the run.
        setting: where a user has written the list, for messages.

    Examples:
        >>> augment = Augment([RandomShift(), RandomFlip()], seed=0)
        >>> batch = augment(batch, epoch=3, batch_number=17)
    """

    def __init__(
        self, transforms: Sequence[nn.Module], seed: int, setting: str = "--data.augment"
    ) -> None:
        self.transforms = list(transforms)
        self.seed = seed
        self.setting = setting

    @property
    def mixing(self) -> str:
        """The name of what makes a target of several rows, for a message; else nothing."""
        mixing = [type(each).__name__ for each in self.transforms if isinstance(each, Mixing)]
        return " and ".join(dict.fromkeys(mixing))

    def __call__(
        self, batch: Batch, epoch: int, batch_number: int, spec: DataSpec | None = None
    ) -> Batch:
        """Return a batch with what the transforms change, and all else as it was.

        Where several inputs are of the kind that a transform changes, each is changed with the same
        random numbers.

        Args:
            batch: left as it is.
            epoch: the trainer's.
            batch_number: the batch's place in the epoch.
            spec: the data, by which an input that comes alone has its name.

        Raises:
            UserError: a transform finds nothing to change, or a foreign one changes shape or type.
        """
        inputs = batch["inputs"]
        alone = isinstance(inputs, Tensor)
        named = {_only_name(spec): inputs} if isinstance(inputs, Tensor) else inputs
        changed: Batch = {**batch, "inputs": named}
        draws = Draws(batch["index"], self.seed, epoch, batch.get("times"))
        try:
            for place, transform in enumerate(self.transforms):
                if isinstance(transform, Augmentation):
                    changed = transform.change(changed, draws, spec)
                    continue
                seed = mix(self.seed, epoch, batch_number, place)
                changed = _foreign(transform, changed, seed)
        except NothingToChangeError as error:
            raise UserError(f"{error} Take it out of {self.setting}.") from error
        if alone:
            changed["inputs"] = next(iter(named_inputs(changed).values()))
        return changed


def _only_name(spec: DataSpec | None) -> str:
    """Return the name of the one input that the data have; nothing where that is not known."""
    return next(iter(spec.inputs)) if spec is not None and len(spec.inputs) == 1 else ""


def _foreign(transform: nn.Module, batch: Batch, seed: int) -> Batch:
    """Return a batch with its images changed, each by the same draws of torch's generator."""
    inputs = named_inputs(batch)
    images = {name: values for name, values in inputs.items() if is_image(values)}
    if not images:
        raise nothing_to_change(type(transform).__name__, ImageAugmentation.kind, inputs)
    changed = dict(inputs)
    for name, values in images.items():
        transform.to(values.device)  # kornia's keep tensors
        with _seeded(seed, values.device):
            changed[name] = _as_before(transform, transform(values), values)
    return {**batch, "inputs": changed}


def _as_before(transform: nn.Module, changed: object, images: Tensor) -> Tensor:
    """Return what a foreign transform gave, checked to fit the model as the images did."""
    if not isinstance(changed, Tensor):
        given = type(changed).__name__
    elif changed.shape != images.shape or changed.dtype != images.dtype:
        given = told(changed)
    else:
        return changed
    raise UserError(
        f"The transform {type(transform).__name__} turned images, {told(images)}, into {given}; "
        "a transform must keep shape and type, for the model was built for them."
    )


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
