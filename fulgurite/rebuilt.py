"""How the network of a checkpoint is built again where its pretrained weights may be gone."""

from collections.abc import Mapping
from typing import Any

from jsonargparse import Namespace

from datamodules.pretrained.place import in_no_file
from fulgurite.lone_checkpoint import TRUST, may_run_code
from fulgurite.tree import init_args

BACKBONE = "model.init_args.backbone"


def rebuilding(
    state: Mapping[str, Any], config: Namespace, typed: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the settings of a backbone that a checkpoint keeps otherwise than a run's config.

    The config names the files of weights that a run began with; the checkpoint has the weights
    themselves, and says of what architecture they are. A checkpoint may come from anywhere, so what
    is imported or run is for the config alone to say; where it trusts the code of a network, also
    which network that is.

    Args:
        state: the checkpoint.
        config: as parsed.
        typed: what the user asks for by flags, as a tree, which is not overridden.

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
    trusting = bool(names.get(TRUST))
    asked = init_args(init_args(typed.get("model")).get("backbone"))
    return {
        f"{BACKBONE}.init_args.{name}": value
        for name, value in again.items()
        if name in names
        and name not in asked
        and names[name] != value
        and not may_run_code(given["class_path"], name, value)
        and not (trusting and _names_files(value))
    }


def _names_files(value: Any) -> bool:
    return isinstance(value, str) and not in_no_file(value)
