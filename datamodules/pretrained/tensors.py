"""The tensors of a file of weights, by name."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from datamodules.errors import UserError
from datamodules.extras import library
from datamodules.plain_load import load_plain

NESTED = ("state_dict_ema", "state_dict", "model_state_dict", "model_ema", "model", "module")
"""Keys under which training programs keep the weights beside all else."""
BACKBONE = "backbone."


def read_tensors(files: Iterable[Path]) -> dict[str, Tensor]:
    """Return the tensors of one network, which may be kept in several files.

    Of a checkpoint of this program those of its backbone are taken, by their names in it.

    Args:
        files: safetensors, or state dicts as torch saves them, alone or within a checkpoint.

    Raises:
        UserError: a file cannot be read, or holds something else.
    """
    tensors: dict[str, Tensor] = {}
    for file in files:
        tensors |= _safetensors(file) if file.suffix == ".safetensors" else _state_dict(file)
    return tensors


def backbone_in(file: Path) -> tuple[str, dict[str, Any]] | None:
    """Return the class of the backbone of a checkpoint of this program, and its arguments.

    Args:
        file: of any kind; ``None`` is returned of all that is no such checkpoint.
    """
    if file.suffix != ".ckpt":
        return None
    held = load_plain(file, mapped=True)  # its tensors are not looked at
    kept = held.get("hyper_parameters") if isinstance(held, Mapping) else None
    node = kept.get("backbone") if isinstance(kept, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(node.get("class_path"), str):
        return None
    return node["class_path"].rpartition(".")[2], dict(node.get("init_args") or {})


def _safetensors(file: Path) -> dict[str, Tensor]:
    safetensors = library("safetensors", "text", f"'{file}'")
    try:
        tensors: dict[str, Tensor] = library("safetensors.torch", "text", f"'{file}'").load_file(
            file
        )
    except (OSError, safetensors.SafetensorError, ValueError) as error:
        raise UserError(
            f"'{file}' cannot be read as safetensors: is it whole? ({error})"
        ) from error
    return tensors


def _state_dict(file: Path) -> dict[str, Tensor]:
    held = load_plain(file)
    of_ours = isinstance(held, Mapping) and "hyper_parameters" in held and "state_dict" in held
    for _ in NESTED:  # one may stand within another
        inner = _nested(held)
        if inner is None:
            break
        held = inner
    tensors = {name: value for name, value in _items(held) if isinstance(value, Tensor)}
    if of_ours and any(name.startswith(BACKBONE) for name in tensors):
        return {
            name.removeprefix(BACKBONE): tensor
            for name, tensor in tensors.items()
            if name.startswith(BACKBONE)
        }
    if not tensors:
        raise UserError(
            f"'{file}' holds no weights by name: a {type(held).__name__} and not a state dict."
        )
    return tensors


def _nested(held: Any) -> Any:
    """Return the mapping that stands under one of the usual keys, if there is one."""
    if not isinstance(held, Mapping):
        return None
    inner = (held.get(key) for key in NESTED)
    return next((each for each in inner if isinstance(each, Mapping)), None)


def _items(held: Any) -> Iterable[tuple[str, Any]]:
    return held.items() if isinstance(held, Mapping) else ()
