"""A config as the few settings by which runs are compared, and as a text to read."""

from collections.abc import Mapping
from typing import Any

import yaml

Plain = int | float | str

ABOUT = ("data", "model", "seed_everything", "trainer", "early_stopping", "checkpoint")
"""The sections in the order in which they matter."""
TRAINER = {
    "max_epochs",
    "max_steps",
    "max_time",
    "precision",
    "gradient_clip_val",
    "gradient_clip_algorithm",
    "accumulate_grad_batches",
    "overfit_batches",
    "limit_train_batches",
    "devices",
    "strategy",
}
"""What of the trainer's settings changes what a model learns; the rest is about the machine."""
DEFAULTS = {
    "trainer.max_steps": -1,
    "trainer.accumulate_grad_batches": 1,
    "trainer.overfit_batches": 0.0,
    "trainer.devices": "auto",
    "trainer.strategy": "auto",
}
"""Settings that say nothing at these values."""
MACHINE = {"data.workers"}
STOPPING = {"early_stopping.patience", "early_stopping.monitor", "checkpoint.monitor"}
LONGEST = 60
"""Characters of a value; what is longer is cut."""


def hyperparameters(config: Mapping[str, Any]) -> dict[str, Plain]:
    """Return the settings that matter as a flat mapping with short names.

    ``{"model": {"class_path": "a.b.Net", "init_args": {"optimizer": {"class_path": "torch.Adam",
    "init_args": {"lr": 0.1}}}}}`` gives ``{"model": "Net", "model.optimizer": "Adam",
    "model.optimizer.lr": 0.1}``. Nulls and false switches are left out, as are settings of the
    machine; true is told as text, and so are lists, cut where they are long.

    Args:
        config: as resolved, plain values all through.
    """
    flat: dict[str, Plain] = {}
    for section in ABOUT:
        flat |= _flat(section, config.get(section))
    return {name: value for name, value in flat.items() if _matters(name, value)}


def readable(config: Mapping[str, Any]) -> str:
    """Return a config as YAML: data and model first, and nothing that is not set.

    Args:
        config: as resolved, plain values all through.
    """
    order = {section: place for place, section in enumerate(ABOUT)}
    sections = sorted(config, key=lambda section: order.get(section, len(order)))
    tree = {section: _without_nulls(config[section]) for section in sections}
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _flat(name: str, value: Any) -> dict[str, Plain]:
    if value is None or value is False or value in ([], {}):
        return {}
    if isinstance(value, Mapping):
        return _of_mapping(name, value)
    if isinstance(value, int | float) and value is not True:
        return {name: value}
    if isinstance(value, list):
        return _of_list(name, value)
    return {name: _cut("true" if value is True else str(value))}


def _of_mapping(name: str, value: Mapping[str, Any]) -> dict[str, Plain]:
    flat: dict[str, Plain] = {}
    if "class_path" in value:
        flat[name] = value["class_path"].rpartition(".")[2]
        value = {**(value.get("init_args") or {}), **(value.get("dict_kwargs") or {})}
    for key, inner in value.items():
        flat |= _flat(f"{name}.{key}", inner)
    return flat


def _of_list(name: str, value: list[Any]) -> dict[str, Plain]:
    """Return a list as text, and below it the settings of the objects that it names."""
    told: list[str] = []
    flat: dict[str, Plain] = {}
    for item in value:
        inner = _flat("", item)
        told.append(str(inner.pop("", item)))
        flat |= {f"{name}.{told[-1]}{key}": setting for key, setting in inner.items()}
    return {name: _cut(", ".join(told)), **flat}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _matters(name: str, value: Plain) -> bool:
    section, _, setting = name.partition(".")
    if section == "trainer":
        return setting in TRAINER and DEFAULTS.get(name) != value
    if section in ("early_stopping", "checkpoint"):
        return name in STOPPING
    return name not in MACHINE
