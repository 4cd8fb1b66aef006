"""Any network of timm, with its weights."""

import sys
import warnings
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from datamodules.errors import UserError, unknown
from datamodules.pretrained.place import Place, is_pretrained, rebuilt_with
from datamodules.spec import DataSpec
from lightning_modules.backbones.hyperparameters import at_least_one, fractions
from lightning_modules.backbones.image_network import (
    ImageBackbone,
    network_tensors,
    one_line,
    scaled_up,
    width,
)
from lightning_modules.backbones.image_preparation import ImagePreparation, for_channels
from lightning_modules.backbones.inputs import image_shape
from lightning_modules.backbones.loading import load_weights
from lightning_modules.backbones.timm_description import (
    arguments_beside,
    data_config_of,
    found_weights,
    network_name,
    registered,
    timm_library,
)

FILTERS = ("checkpoint_filter_fn", "_filter_fn", "_filter_torchvision_pretrained")
"""What timm calls the function that brings weights of another form or size to a network's."""
OF_FILES = (
    "cache_dir",
    "checkpoint_path",
    "pretrained",
    "pretrained_cfg",
    "pretrained_cfg_overlay",
)
"""Arguments by which timm reads weights itself, some releases with all code that they hold."""
MODES = {"center": "shorter side", "squash": "exact", "border": "longer side"}


class TimmBackbone(ImageBackbone):
    """A network of timm without its head, which takes plain images.

    Size, crop, interpolation, mean and deviation are those that the weights were trained with, as
    the ``config.json`` beside them says, else as timm says of the network; images are brought to
    them here. Of images that are not of three channels the first layer's weights are fitted to
    theirs, as timm does.

    Args:
        spec: the data, with one image.
        name: of the network in timm, such as ``resnet18`` or ``resnet18.a1_in1k``; not needed
            where a ``config.json`` beside the weights names it.
        weights: a file or folder (safetensors, a state dict, a checkpoint of this program),
            ``package:NAME`` or an installed package that ships weights, a repository of the hub
            such as ``timm/resnet18.a1_in1k``, ``sample:efficientnet_lite0``; ``default`` are those
            that timm names for the network, ``random`` none.
        pooling: over what is left of the image: ``avg``, ``max``, ``avgmax``, ``catavgmax``, for
            transformers also ``token``; None for that of the ``config.json``, else the network's.
        size: height and width to which images are brought; None for the weights' own. 128 is
            three times as fast as 224, and less sure.
        crop: share of the scaled image that is kept, its edges cut off; None for the weights' own.
        dropout: rate on the features.
        drop_path: rate at which the last residual block is left out, earlier ones less.
        data_config: what pictures the weights were trained with, in timm's words, where neither
            they nor timm say: ``input_size`` (channels, height, width), ``mean``, ``std``,
            ``interpolation``, ``crop_pct``, ``crop_mode``.
        model_args: further arguments of the network in timm.

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
        pooling: str | None = None,
        size: int | None = None,
        crop: float | None = None,
        dropout: float = 0.0,
        drop_path: float = 0.0,
        data_config: dict[str, Any] | None = None,
        model_args: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.channels, *shape = image_shape(spec, "TimmBackbone")
        fractions("TimmBackbone", dropout=dropout, drop_path=drop_path)
        at_least_one("TimmBackbone", **({} if size is None else {"size": size}))
        timm = timm_library()
        place, beside = found_weights(timm, name, weights)
        self.name = network_name(timm, name, beside, weights)
        known = data_config_of(timm, self.name, beside, data_config)
        wanted = {"global_pool": pooling, "drop_rate": dropout, "drop_path_rate": drop_path}
        told = {key: value for key, value in wanted.items() if value}
        target = (size, size) if size is not None else tuple(known["input_size"][-2:])
        given = {**arguments_beside(beside, target), **(model_args or {})}
        self.network = _built(timm, self.name, self.channels, target, {**given, **told})
        self.prepare = _preparation(known, self.channels, target, crop)
        self.pretrained = is_pretrained(place, weights)
        self.notes: list[str] = []
        self.origin: dict[str, Any] = {}
        if place is not None:
            self._load(place, pooled=pooling is not None)
            self.origin = {**place.as_plain(), "network": f"{self.name} of timm {timm.__version__}"}
        self.notes += scaled_up(shape, self.prepare.size)
        self.rebuilt_from: dict[str, Any] = {
            "name": self.name,
            "weights": rebuilt_with(self.pretrained),
            "data_config": known,
            "model_args": given,
        }
        self.out_features = width(self.network, self.name, (self.channels, *self.prepare.size))

    def _load(self, place: Place, *, pooled: bool) -> None:
        heads = registered(timm_library(), self.name).get("classifier") or ()
        heads = (heads,) if isinstance(heads, str) else tuple(heads)
        # another pooling puts the last normalisation of a transformer in another place
        moved = ("fc_norm.", "norm.") if pooled else ()
        loaded = load_weights(
            self.network,
            _as_this_timm(self.network, self.name, network_tensors(place.files)),
            place.name,
            heads=(*(f"{head}." for head in heads), *moved),
            optional=moved,
            channels=self.channels,
            called=self.name,
        )
        self.notes.append(loaded.sentence())


def _built(
    timm: ModuleType, name: str, channels: int, size: tuple[int, ...], arguments: dict[str, Any]
) -> nn.Module:
    """Return the network with random weights and no head.

    Raises:
        UserError: timm refuses an argument, or one would have it read weights.
    """
    for key in OF_FILES:
        if key in arguments:
            raise UserError(
                f"--model.backbone.model_args: '{key}' is no argument of '{name}' but of how timm "
                f"reads weights: name these by --model.backbone.weights."
            )
    known = registered(timm, name)
    sized = known.get("fixed_input_size") and size != tuple(known.get("input_size", ())[-2:])
    arguments = {**arguments, "img_size": size} if sized else arguments
    arguments.pop("num_classes", None)
    try:
        network: nn.Module = timm.create_model(
            name, pretrained=False, num_classes=0, in_chans=channels, **arguments
        )
    except (TypeError, ValueError, RuntimeError, AssertionError, KeyError) as error:
        settings = ", ".join(f"{key}: {value}" for key, value in arguments.items())
        raise UserError(f"timm builds no '{name}' with {settings}: {one_line(error)}") from error
    return network


def _preparation(
    known: Mapping[str, Any], channels: int, size: tuple[int, ...], crop: float | None
) -> ImagePreparation:
    mode = known["crop_mode"]
    if mode not in MODES:
        raise unknown("crop_mode", mode, MODES)
    return ImagePreparation(
        (size[0], size[1]),
        for_channels(known["mean"], channels),
        for_channels(known["std"], channels),
        known["crop_pct"] if crop is None else crop,
        known["interpolation"],
        MODES[mode],  # type: ignore[arg-type]
    )


def _as_this_timm(
    network: nn.Module, name: str, tensors: dict[str, Tensor]
) -> Mapping[str, Tensor]:
    """Return weights by the names and in the sizes that this release of timm has.

    timm keeps, beside many networks, a function for files of older releases and of the network's
    authors, which also resamples what is learnt for each position to another size.
    """
    from timm.models import model_entrypoint

    module = sys.modules[model_entrypoint(name.partition(".")[0]).__module__]
    mend = next((found for each in FILTERS if (found := getattr(module, each, None))), None)
    if mend is None:
        return tensors
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, of how timm writes things
            mended: Mapping[str, Tensor] = mend(dict(tensors), network)
    except Exception:  # of a file of another network, which is told when it is loaded
        return tensors
    return mended
