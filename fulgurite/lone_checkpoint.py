"""The config of a checkpoint that lies in no run folder, out of the checkpoint itself.

A file from anywhere must not decide what is imported: a class that it names comes from this program
or from a library of the field, or it is not built.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datamodules.errors import UserError
from fulgurite.kinds import ROOMS
from fulgurite.names import takes_text

TRUSTED = (*ROOMS, "lightning", "timm", "torch", "torchmetrics", "torchvision", "transformers")
"""Packages from which a class that a checkpoint names may be imported."""
SECTIONS = {"model": "hyper_parameters", "data": "datamodule_hyper_parameters"}
NOT_ARGUMENTS = ("_class_path", "_instantiator", "spec")


def config_within(state: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the settings of the model and of the data with which a checkpoint was made.

    Args:
        state: the checkpoint.
        path: where it lies.

    Raises:
        UserError: it does not say them, or names a class that is not to be trusted.
    """
    tree: dict[str, Any] = {}
    for section, key in SECTIONS.items():
        kept = state.get(key) or {}
        name = kept.get("_class_path")
        if not isinstance(name, str):
            raise UserError(
                f"'{path}' lies in no run folder with a config.yaml and does not say of what class "
                f"its {section} is: give --config too."
            )
        arguments = {key: value for key, value in kept.items() if key not in NOT_ARGUMENTS}
        tree[section] = {"class_path": name, "init_args": arguments}
    for name in _classes(tree):
        if name.partition(".")[0] not in TRUSTED:
            raise UserError(
                f"'{path}' names the class '{name}', which is not of this program nor of "
                f"{', '.join(TRUSTED[len(ROOMS) :])}, so it is not imported. If you trust it, give "
                f"the config that names it: --config FILE."
            )
    return tree


def _classes(tree: Any, key: str = "") -> Iterator[str]:
    """Yield the name of every class, wherever one may stand.

    The parser takes a text with dots for a class where it expects one, so these count as well,
    unless they stand where our classes take text.
    """
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from _classes(value, name)
    elif isinstance(tree, list):
        for value in tree:
            yield from _classes(value, key)
    elif key == "class_path" or (isinstance(tree, str) and _may_be_imported(tree, key)):
        yield str(tree)


def _may_be_imported(text: str, key: str) -> bool:
    top, *inner = text.split(".")
    named = bool(inner) and all(each.isidentifier() for each in (top, *inner))
    return named and not takes_text(key) and importlib.util.find_spec(top) is not None
