"""The config of a checkpoint that lies in no run folder, out of the checkpoint itself.

A file from anywhere must not decide what is called. It names classes of this program, or networks,
metrics, optimizers, schedules and callbacks of a library of the field, or nothing is built: the
functions of these libraries fetch and run things. Nor may it let code run that comes with weights.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from datamodules.errors import UserError
from fulgurite.imported import import_class
from fulgurite.kinds import ROOMS
from fulgurite.names import takes_text

TRUSTED = (*ROOMS, "lightning", "timm", "torch", "torchmetrics", "torchvision", "transformers")
"""Packages from which a class that a checkpoint names may be imported."""
SECTIONS = {"model": "hyper_parameters", "data": "datamodule_hyper_parameters"}
TRUST = "trust_remote_code"
NOT_ARGUMENTS = ("_class_path", "_instantiator", "spec")


def config_within(state: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the settings of the model and of the data with which a checkpoint was made.

    Args:
        state: the checkpoint.
        path: where it lies.

    Raises:
        UserError: it does not say them, or names a class or code that is not to be trusted.
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
    _refuse_code(tree, path)
    return tree


def may_run_code(owner: str, name: str, value: Any) -> bool:
    """Tell whether an argument decides that code is run, or what is imported.

    Args:
        owner: the class that takes the argument.
        name: of the argument.
        value: that a checkpoint has for it.
    """
    where = list(_values(value, name, owner))
    return name == TRUST or any(_asks_for_code(*each) or _class_in(*each) for each in where)


def _refuse_code(tree: dict[str, Any], path: Path) -> None:
    """Raise UserError where settings name a class or code that is not to be trusted."""
    for where in _values(tree):
        if _asks_for_code(*where):
            raise UserError(
                f"'{path}' says {TRUST}, which lets code run that comes with a network's weights, "
                f"so it is not built. If you trust it, give the config that says so: --config FILE."
            )
        name = _class_in(*where)
        if name is not None and not _is_trusted(name):
            raise UserError(
                f"'{path}' names the class '{name}', which is not of this program nor a network, "
                f"metric, optimizer, schedule or callback of {', '.join(TRUSTED[len(ROOMS) :])}, "
                f"so it is not built. If you trust it, give the config that names it: "
                f"--config FILE."
            )


def _is_trusted(name: str) -> bool:
    """Tell whether a name is of a class of ours, or of a harmless kind of a known library."""
    if name.partition(".")[0] not in TRUSTED:
        return False
    import lightning as L
    from torch import nn, optim

    try:
        found = import_class(name)
    except UserError:
        return False
    kinds = (
        nn.Module,  # metrics are modules too
        optim.Optimizer,
        optim.lr_scheduler.LRScheduler,
        L.Callback,
        L.LightningDataModule,
    )
    if not isinstance(found, type):
        return False
    # our modules hold names of others, so where a class was found says nothing
    return found.__module__.partition(".")[0] in ROOMS or issubclass(found, kinds)


def _values(tree: Any, key: str = "", owner: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield every value, after its key and the class whose argument it is or is within.

    The parser reads a text that holds a mapping, a list or another text in quotes as these.
    """
    if isinstance(tree, dict):
        owner = str(tree.get("class_path") or owner)
        for name, value in tree.items():
            yield from _values(value, str(name), owner)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _values(value, key, owner)
    else:
        yield owner, key, tree
        held = _held(tree) if isinstance(tree, str) else tree
        if held != tree:
            yield from _values(held, key, owner)


def _held(text: str) -> Any:
    try:
        held = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    return held if isinstance(held, dict | list | str) else text


def _asks_for_code(owner: str, key: str, value: Any) -> bool:
    return key.rpartition(".")[2] == TRUST and value not in (False, None)


def _class_in(owner: str, key: str, value: Any) -> str | None:
    """Return the class that a value may stand for.

    The parser takes a text with dots for a class where it expects one, so these count as well,
    unless they stand where our classes take text. Those of others may take a class under that key.
    """
    if key.rpartition(".")[2] == "class_path":
        return str(value)
    of_ours = owner.partition(".")[0] in ROOMS
    text = isinstance(value, str) and not (of_ours and takes_text(key))
    return value if text and _may_be_imported(value) else None


def _may_be_imported(text: str) -> bool:
    top, *inner = text.split(".")
    named = bool(inner) and all(each.isidentifier() for each in (top, *inner))
    return named and importlib.util.find_spec(top) is not None
