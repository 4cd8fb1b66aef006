"""What an object was built from, as plain values from which a checkpoint builds it again."""

import inspect
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from lightning.pytorch.core.mixins.hparams_mixin import HyperparametersMixin
from torch import Tensor

from datamodules.sources.urls import without_secrets
from datamodules.spec import DataSpec, TargetSpec

PLAIN = (bool, int, float)
INSTANTIATOR = "lightning.pytorch.cli.instantiate_module"


class NotPlain(Exception):  # noqa: N818  a signal between the functions of this file, not an error
    """A value cannot be told in plain values."""


def save_plain_hyperparameters(holder: HyperparametersMixin, frame: FrameType | None) -> None:
    """Keep a constructor's arguments in ``holder.hparams``, so that ``weights_only`` reads them.

    Injected parts are kept as ``{"class_path", "init_args"}``, from which ``load_from_checkpoint``
    builds them again. What cannot be told so, such as a lambda, is left out: hand it to
    ``load_from_checkpoint`` once more.

    Args:
        holder: the module or datamodule.
        frame: of its ``__init__``, which holds the arguments: ``inspect.currentframe()``.
    """
    with warnings.catch_warnings():
        # what is a module here is told as plain values below
        warnings.filterwarnings("ignore", "Attribute .* is an instance of `nn.Module`")
        holder.save_hyperparameters(frame=frame, logger=False)
    for name, value in list(holder.hparams.items()):
        try:
            holder.hparams[name] = as_config(value)
        except NotPlain:
            del holder.hparams[name]
        else:
            _build_without_files(holder.hparams[name], getattr(holder, name, None))
    # the command's parser has set both already; from Python they are what load_from_checkpoint
    # needs to build the parts
    holder.hparams.setdefault("_class_path", _path(type(holder)))
    holder.hparams.setdefault("_instantiator", INSTANTIATOR)


def _build_without_files(kept: Any, part: Any) -> None:
    """Let a part that was filled from files be built again without them, as it says itself."""
    again = getattr(part, "rebuilt_from", None)
    if again and isinstance(kept, dict) and "class_path" in kept:
        kept["init_args"] = {**(kept.get("init_args") or {}), **as_config(again)}


def as_config(value: Any) -> Any:
    """Return a value as numbers, text, lists and dictionaries; passwords in URLs are masked.

    Raises:
        NotPlain: it cannot be told so.
    """
    if isinstance(value, list | tuple):
        return [as_config(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): as_config(item) for name, item in value.items()}
    if isinstance(value, str):
        return without_secrets(value)
    if value is None or isinstance(value, PLAIN):
        return value
    return str(value) if isinstance(value, Path) else _as_class(value)


def behind(factory: Callable[..., Any]) -> Callable[..., Any]:
    """Return the class or function that a factory calls in the end.

    Args:
        factory: a class, a function or a partial of one; the command's parser makes partials of a
            function of its own that hold the class among their arguments.
    """
    if not isinstance(factory, partial):
        return factory
    classes = [argument for argument in factory.args if inspect.isclass(argument)]
    return classes[-1] if classes else factory.func


def _as_class(value: Any) -> Any:
    if isinstance(value, DataSpec | TargetSpec):
        return value.as_config()
    if isinstance(value, partial):
        target = behind(value)
        if target is value.func and value.args:
            raise NotPlain
        return {"class_path": _path(target), "init_args": as_config(value.keywords)}
    if inspect.isclass(value):
        return {"class_path": _path(value)}
    if inspect.isroutine(value):
        return _path(value)
    return {"class_path": _path(type(value)), "init_args": _init_args(value)}


def _init_args(instance: Any) -> dict[str, Any]:
    """Return the arguments of an instance that keeps each under its own name, as torch's do."""
    arguments = {}
    for name, parameter in inspect.signature(type(instance)).parameters.items():
        given = getattr(instance, name, parameter.default)
        # an argument that is not kept may have been given; torch's deprecated ones default to None
        forgotten = not hasattr(instance, name) and parameter.default is not None
        if forgotten or isinstance(given, Tensor) or given is parameter.empty:
            raise NotPlain
        if given is not parameter.default:
            arguments[name] = as_config(given)
    return arguments


def _path(target: Callable[..., Any]) -> str:
    if "<" in target.__qualname__:  # <lambda> or <locals>
        raise NotPlain
    return f"{target.__module__}.{target.__qualname__}"
