"""What timm, a file beside the weights, and the user say of a network of timm."""

import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from datamodules.errors import UserError, unknown
from datamodules.extras import library
from datamodules.pretrained.place import Place, in_no_file, locate
from datamodules.pretrained.samples import sample_instead
from datamodules.pretrained.tensors import backbone_in

CONFIG = "config.json"
DEFAULT = "default"
HUB = ("hf-hub:", "hf_hub:", "local-dir:")
"""What timm writes before the name of a repository or a folder."""
DATA = ("input_size", "mean", "std", "interpolation", "crop_pct", "crop_mode")
"""What timm says of the pictures that a network was trained with."""
OF_THE_RUN = ("drop_path_rate", "drop_rate", "in_chans", "num_classes")
"""Arguments of a network that are decided by the data and the config, whatever a file says."""


def timm_library() -> ModuleType:
    """Return timm.

    Raises:
        UserError: it is not installed.
    """
    timm: ModuleType = library("timm", "vision", "TimmBackbone")
    return timm


def found_weights(
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
    if in_no_file(weights):
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
    repository = registered(timm, name).get("hf_hub_id")
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
    if kind != "TimmBackbone":
        return {}
    return {
        "architecture": arguments.get("name"),
        "pretrained_cfg": arguments.get("data_config"),
        "model_args": arguments.get("model_args"),
    }


def network_name(
    timm: ModuleType, name: str | None, beside: Mapping[str, Any], weights: str | None
) -> str:
    """Return the name of the network, which may be written beside the weights.

    Raises:
        UserError: nobody says it, or timm has none of that name.
    """
    found = name or beside.get("architecture")
    if not isinstance(found, str):
        why = (
            ""
            if weights is None or in_no_file(weights)
            else f": no {CONFIG} beside '{weights}' says it"
        )
        other = sample_instead(weights or "")
        raise UserError(
            f"TimmBackbone needs the name of the network, such as resnet18{why}.{other}"
        )
    registered(timm, found)
    return found


def registered(timm: ModuleType, name: str) -> dict[str, Any]:
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


def arguments_beside(beside: Mapping[str, Any], size: tuple[int, ...]) -> dict[str, Any]:
    """Return the arguments of the network that are written beside the weights, for these images.

    Args:
        beside: what is written there.
        size: height and width that the network is to take.
    """
    written = beside.get("model_args") or {}
    kept = {key: value for key, value in written.items() if key not in OF_THE_RUN}
    return {**kept, "img_size": list(size)} if "img_size" in kept else kept


def data_config_of(
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
    known = {**registered(timm, name), **_said(written), **_said(given or {})}
    resolved = timm.data.resolve_data_config(pretrained_cfg=known)
    return {
        key: list(value) if isinstance(value, tuple | list) else value
        for key, value in resolved.items()
    }


def _said(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: settings[key] for key in DATA if settings.get(key) is not None}
