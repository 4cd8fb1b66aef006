"""Any network of timm, with its weights."""

import json
import sys
import warnings
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from datamodules.errors import UserError, unknown
from datamodules.pretrained.place import Place, locate
from datamodules.pretrained.tensors import backbone_in
from datamodules.spec import DataSpec
from lightning_modules.backbones.hyperparameters import at_least_one, fractions
from lightning_modules.backbones.image_network import network_tensors, one_line, scaled_up, width
from lightning_modules.backbones.image_preparation import ImagePreparation, for_channels
from lightning_modules.backbones.inputs import image_shape
from lightning_modules.backbones.loading import load_weights

CONFIG = "config.json"
DEFAULT, RANDOM = "default", "random"
HUB = ("hf-hub:", "hf_hub:", "local-dir:")
"""What timm writes before the name of a repository or a folder."""
DATA = ("input_size", "mean", "std", "interpolation", "crop_pct", "crop_mode")
"""What timm says of the pictures that a network was trained with."""
FILTERS = ("checkpoint_filter_fn", "_filter_fn", "_filter_torchvision_pretrained")
"""What timm calls the function that brings weights of another form or size to a network's."""
MODES = {"center": "shorter side", "squash": "exact", "border": "longer side"}


class TimmBackbone(nn.Module):
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
            transformers also ``token``; None for the network's own.
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
        timm = _timm()
        place, beside = _found(timm, name, weights)
        self.name = _named(timm, name, beside, weights)
        known = _data_config(timm, self.name, beside, data_config)
        given = {**(beside.get("model_args") or {}), **(model_args or {})}
        wanted = {"global_pool": pooling, "drop_rate": dropout, "drop_path_rate": drop_path}
        told = {key: value for key, value in wanted.items() if value}
        target = (size, size) if size is not None else tuple(known["input_size"][-2:])
        self.network = _built(timm, self.name, self.channels, target, {**given, **told})
        self.prepare = _preparation(known, self.channels, target, crop)
        self.pretrained = place is not None
        self.notes: list[str] = []
        self.origin: dict[str, Any] = {}
        if place is not None:
            self._load(place, pooled=pooling is not None)
            self.origin = {**place.as_plain(), "network": f"{self.name} of timm {timm.__version__}"}
        self.notes += scaled_up(shape, self.prepare.size)
        self.rebuilt_from: dict[str, Any] = {
            "name": self.name,
            "weights": RANDOM,
            "data_config": known,
            "model_args": given,
        }
        self.out_features = width(self.network, self.name, (self.channels, *self.prepare.size))

    def forward(self, image: Tensor) -> Tensor:
        """Return the features of each image.

        Args:
            image: (N, C, H, W) in [0, 1].
        """
        features: Tensor = self.network(self.prepare(image))
        return features

    def _load(self, place: Place, *, pooled: bool) -> None:
        heads = _registered(_timm(), self.name).get("classifier") or ()
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


def _timm() -> ModuleType:
    try:
        import timm
    except ImportError as error:
        raise UserError("TimmBackbone needs timm: pip install 'fulgurite[vision]'.") from error
    module: ModuleType = timm
    return module


def _found(
    timm: ModuleType, name: str | None, weights: str | None
) -> tuple[Place | None, dict[str, Any]]:
    """Return where the weights are, and what is written beside them.

    Raises:
        UserError: there are none, or nobody said which.
    """
    if weights is None:
        raise UserError(
            "TimmBackbone needs weights: a file or folder, an installed package, a repository of "
            "the hub, default (those that timm names for the network), or random."
        )
    if weights.lower() == RANDOM:
        return None, {}
    if weights.lower() == DEFAULT:
        weights = _hub_name(timm, name)
    for prefix in HUB:
        weights = weights.removeprefix(prefix)
    place = locate(weights)
    return place, _written_beside(place)


def _hub_name(timm: ModuleType, name: str | None) -> str:
    if name is None:
        raise UserError("TimmBackbone takes the weights 'default' of a network that is named.")
    repository = _registered(timm, name).get("hf_hub_id")
    if not repository:
        raise UserError(
            f"timm names no weights on the hub for '{name}': name a file, a folder, a repository, "
            f"or random."
        )
    return str(repository)


def _written_beside(place: Place) -> dict[str, Any]:
    """Return the network's description in timm's words, if there is one.

    Raises:
        UserError: it cannot be read, or describes a network of another library.
    """
    path = place.beside(CONFIG)
    if path is None:
        return _kept_in(place)
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"'{path}' is no JSON: {error}.") from error
    if not isinstance(written, dict):
        raise UserError(f"'{path}' describes no network.")
    if "model_type" in written and "architecture" not in written:
        raise UserError(
            f"'{place.name}' is a network of transformers ({written['model_type']}) and not of "
            f"timm: use TransformersBackbone."
        )
    return written


def _kept_in(place: Place) -> dict[str, Any]:
    """Return what a checkpoint of this program says of its backbone, in timm's words."""
    kind, arguments = backbone_in(place.files[0]) or ("", {})
    if kind != TimmBackbone.__name__:
        return {}
    return {
        "architecture": arguments.get("name"),
        "pretrained_cfg": arguments.get("data_config"),
        "model_args": arguments.get("model_args"),
    }


def _named(
    timm: ModuleType, name: str | None, beside: Mapping[str, Any], weights: str | None
) -> str:
    found = name or beside.get("architecture")
    if not isinstance(found, str):
        why = "" if weights == RANDOM else f": no {CONFIG} beside '{weights}' says it"
        raise UserError(f"TimmBackbone needs the name of the network, such as resnet18{why}.")
    _registered(timm, found)
    return found


def _registered(timm: ModuleType, name: str) -> dict[str, Any]:
    """Return what timm knows of a network, with or without the tag of certain weights.

    Raises:
        UserError: there is no such network, or no such tag.
    """
    bare, _, tag = name.partition(".")
    if not timm.is_model(bare):
        raise unknown("network of timm", name, timm.list_models())
    tagged = timm.list_pretrained(f"{bare}.*")
    if tag and name not in tagged:
        raise unknown("set of weights in timm", name, tagged)
    config = timm.models.get_pretrained_cfg(name)
    return dict(config.to_dict()) if config is not None else {}


def _data_config(
    timm: ModuleType,
    name: str,
    beside: Mapping[str, Any],
    given: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return what pictures the weights were trained with, as plain values."""
    for key in given or {}:
        if key not in DATA:
            raise unknown("setting of data_config", key, DATA)
    written = beside.get("pretrained_cfg") or beside
    told = beside.get("architecture") or name
    if str(told).partition(".")[0] != name.partition(".")[0]:
        written = {}  # whoever names another network knows better
    known = {**_registered(timm, name), **_said(written), **_said(given or {})}
    resolved = timm.data.resolve_data_config(pretrained_cfg=known)
    return {
        key: list(value) if isinstance(value, tuple | list) else value
        for key, value in resolved.items()
    }


def _said(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: settings[key] for key in DATA if settings.get(key) is not None}


def _built(
    timm: ModuleType, name: str, channels: int, size: tuple[int, ...], arguments: dict[str, Any]
) -> nn.Module:
    """Return the network with random weights and no head.

    Raises:
        UserError: timm refuses an argument.
    """
    known = _registered(timm, name)
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
