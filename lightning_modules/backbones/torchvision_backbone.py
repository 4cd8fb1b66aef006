"""The networks of torchvision, with their weights."""

from types import ModuleType
from typing import Any

from torch import Tensor, nn

from datamodules.errors import UserError, unknown
from datamodules.pretrained.place import Place, in_no_file, is_pretrained, locate, rebuilt_with
from datamodules.pretrained.tensors import backbone_in
from datamodules.pretrained.torch_hub import digits_in, from_torch_hub
from datamodules.spec import DataSpec
from lightning_modules.backbones.hyperparameters import at_least_one
from lightning_modules.backbones.image_network import (
    ImageBackbone,
    network_tensors,
    one_line,
    scaled_up,
    width,
)
from lightning_modules.backbones.image_preparation import ImagePreparation, for_channels
from lightning_modules.backbones.inputs import image_shape
from lightning_modules.backbones.loading import COLOURS, load_weights

DEFAULT = "DEFAULT"
HEADS = ("fc", "classifier", "heads", "head")
"""What torchvision calls the part of a network that names classes."""
OWN_SCALE = ("GoogLeNet", "Inception3")
"""Networks that bring colours to [-1, 1] themselves, after the usual scaling, if pretrained."""


class TorchvisionBackbone(ImageBackbone):
    """A network of torchvision without its head, which takes plain images.

    The last linear layer is taken away, and what comes before it stays: a linear head makes the
    network whole again. Size, crop, interpolation, mean and deviation are those of the weights'
    ``transforms()``; images are brought to them here. Of images that are not of three channels the
    first layer's weights are fitted to theirs. Helpers that some networks learn with, such as
    Inception's, are left out.

    Args:
        spec: the data, with one image.
        name: of the network in torchvision, such as ``resnet18``.
        weights: torchvision's name, such as ``DEFAULT`` or ``IMAGENET1K_V1``, whose file is taken
            from the folder where torch keeps it, or fetched; a file or folder (a state dict,
            safetensors, a checkpoint of this program), a package, a repository of the hub;
            ``random`` for none.
        size: height and width to which images are brought; None for the weights' own.
        crop: share of the scaled image that is kept, its edges cut off; None for the weights' own.
        transforms_of: the name of torchvision's weights whose ``transforms()`` are meant; None for
            those of the weights, or, of a file that is none of torchvision's, the first it has.

    Shape:
        (N, C, H, W) in [0, 1] -> (N, out_features)

    Raises:
        UserError: there is no such network or weights, or the two do not fit each other.
    """

    def __init__(
        self,
        spec: DataSpec,
        name: str | None = None,
        weights: str | None = None,
        size: int | None = None,
        crop: float | None = None,
        transforms_of: str | None = None,
    ) -> None:
        super().__init__()
        from torchvision import models

        channels, *shape = image_shape(spec, "TorchvisionBackbone")
        at_least_one("TorchvisionBackbone", **({} if size is None else {"size": size}))
        self.name = _known(models, name)
        known = {each.name: each for each in models.get_model_weights(self.name)}
        known[DEFAULT] = models.get_model_weights(self.name).DEFAULT
        place = _found(self.name, weights, known)
        meant = _meant(place, known) if transforms_of is None else _one_of(transforms_of, known)
        self.prepare = _preparation(meant.transforms(), channels, size, crop)
        self.network = _built(models, self.name, channels, self.prepare.size[0])
        if type(self.network).__name__ in OWN_SCALE:
            _scale_here(self.network, self.prepare)
        head = _take_head_away(self.network)
        self.pretrained = is_pretrained(place, weights)
        self.notes: list[str] = []
        self.origin: dict[str, Any] = {}
        if place is not None:
            self.notes.append(_loaded(self.network, place, self.name, head, channels))
            self.origin = {**place.as_plain(), "network": f"{self.name} of torchvision"}
        self.notes += scaled_up(shape, self.prepare.size)
        self.rebuilt_from: dict[str, Any] = {
            "weights": rebuilt_with(self.pretrained),
            "transforms_of": meant.name,
        }
        self.out_features = width(self.network, self.name, (channels, *self.prepare.size))


def _known(models: ModuleType, name: str | None) -> str:
    names = models.list_models(module=models)
    if name is None:
        raise UserError("TorchvisionBackbone needs the name of a network, such as resnet18.")
    if name.lower() not in names:
        raise unknown("network of torchvision", name, names)
    return name.lower()


def _found(name: str, weights: str | None, known: dict[str, Any]) -> Place | None:
    """Return where the weights are; ``None`` if there are to be none.

    Raises:
        UserError: they are nowhere, or nobody said which.
    """
    if weights is None:
        raise UserError(
            f"TorchvisionBackbone needs weights: {', '.join(known)}, a file or folder, an "
            f"installed package, a repository of the hub, or random."
        )
    if in_no_file(weights):
        return None
    member = weights.rpartition(".")[2].upper()  # also as ResNet18_Weights.DEFAULT
    if member in known:
        entry = known[member]
        file = from_torch_hub(entry.url, f"{entry.name} of {name}")
        return Place(f"{name} {entry.name}", (file,), revision=entry.url)
    if weights.isupper():  # so are torchvision's names, and no file's
        raise unknown(f"set of weights of {name}", weights, known)
    return locate(weights)


def _one_of(weights: str, known: dict[str, Any]) -> Any:
    if weights.upper() not in known:
        raise unknown("set of weights with transforms", weights, known)
    return known[weights.upper()]


def _meant(place: Place | None, known: dict[str, Any]) -> Any:
    """Return which of torchvision's weights a file holds or began with, else the first there is."""
    first = next(iter(known.values()))
    if place is None:
        return first
    kind, arguments = backbone_in(place.files[0]) or ("", {})
    if kind == TorchvisionBackbone.__name__ and arguments.get("transforms_of") in known:
        return known[arguments["transforms_of"]]
    digits = place.digits()
    told = {each: digits_in(each.url) for each in known.values()}
    return next((each for each, begin in told.items() if begin and digits.startswith(begin)), first)


def _preparation(
    preset: Any, channels: int, size: int | None, crop: float | None
) -> ImagePreparation:
    own, scaled = preset.crop_size[0], preset.resize_size[0]
    side = own if size is None else size
    return ImagePreparation(
        (side, side),
        for_channels(preset.mean, channels),
        for_channels(preset.std, channels),
        own / scaled if crop is None else crop,
        preset.interpolation.value,
    )


def _built(models: ModuleType, name: str, channels: int, size: int) -> nn.Module:
    """Return the network with random weights.

    Raises:
        UserError: it cannot be built for images of that size.
    """
    arguments: dict[str, Any] = {}
    if name in ("googlenet", "inception_v3"):  # the usual way to draw weights takes half a minute
        arguments = {"aux_logits": False, "init_weights": False}
    if name.startswith("vit_"):
        arguments = {"image_size": size}
    if name.startswith("maxvit"):
        arguments = {"input_size": (size, size)}
    try:
        network: nn.Module = models.get_model(name, weights=None, **arguments)
    except (AssertionError, RuntimeError, ValueError) as error:
        raise UserError(
            f"'{name}' is not built for images of {size} x {size}: {one_line(error)}"
        ) from error
    if channels != COLOURS:
        _take_channels(network, channels)
    return network


def _take_channels(network: nn.Module, channels: int) -> None:
    """Put a first convolution in that takes another number of channels."""
    convolutions = ((k, m) for k, m in network.named_modules() if isinstance(m, nn.Conv2d))
    name, first = next(convolutions)
    other = nn.Conv2d(
        channels,
        first.out_channels,
        first.kernel_size,  # type: ignore[arg-type]
        first.stride,  # type: ignore[arg-type]
        first.padding,  # type: ignore[arg-type]
        bias=first.bias is not None,
    )
    network.set_submodule(name, other)


def _scale_here(network: nn.Module, prepare: ImagePreparation) -> None:
    """Let images come as such a network brings them to itself if it is pretrained."""
    network.transform_input = False  # type: ignore[assignment]
    prepare.mean.fill_(0.5)
    prepare.std.fill_(0.5)


def _take_head_away(network: nn.Module) -> str:
    """Take the last layer with weights away, and return its name."""
    top = next(name for name in HEADS if hasattr(network, name))
    layers = network.get_submodule(top).named_modules(prefix=top)
    weighty = [name for name, layer in layers if isinstance(layer, nn.Linear | nn.Conv2d)]
    last: str = weighty[-1]
    network.set_submodule(last, nn.Identity())
    return last


def _loaded(network: nn.Module, place: Place, name: str, head: str, channels: int) -> str:
    """Fill the network, and return what came of it as a sentence.

    Raises:
        UserError: the weights cannot be read, or do not fit.
    """
    tensors = network_tensors(place.files)
    if name.startswith("vit_"):
        tensors = _for_size(network, tensors)
    told = load_weights(
        network, tensors, place.name, heads=(f"{head}.",), channels=channels, called=name
    )
    return told.sentence()


def _for_size(network: nn.Module, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return weights whose positions are resampled to the size of the network's images."""
    from torchvision.models.vision_transformer import interpolate_embeddings

    try:
        resampled: dict[str, Tensor] = interpolate_embeddings(
            network.image_size, network.patch_size, dict(tensors)
        )
    except (KeyError, ValueError, RuntimeError):  # of another network, which is told later
        return tensors
    return resampled
