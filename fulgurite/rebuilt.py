"""How the network of a checkpoint is built again where its pretrained weights may be gone."""

from collections.abc import Mapping
from typing import Any

from jsonargparse import Namespace

BACKBONE = "model.init_args.backbone"


def rebuilding(state: Mapping[str, Any], config: Namespace) -> dict[str, Any]:
    """Return the settings of a backbone that a checkpoint keeps otherwise than a run's config.

    The config names the files of weights that a run began with; the checkpoint has the weights
    themselves, and says of what architecture they are.

    Args:
        state: the checkpoint.
        config: as parsed.

    Returns:
        Settings by their full paths, for :meth:`Experiment.build`.
    """
    kept = state.get("hyper_parameters", {}).get("backbone")
    given = config.get(BACKBONE)
    if not isinstance(kept, dict) or not isinstance(given, Namespace):
        return {}
    if kept.get("class_path") != given.get("class_path"):
        return {}
    again: dict[str, Any] = kept.get("init_args", {})
    names = given.get("init_args") or Namespace()  # type: ignore[no-untyped-call]
    return {
        f"{BACKBONE}.init_args.{name}": value
        for name, value in again.items()
        if name in names and names[name] != value
    }
