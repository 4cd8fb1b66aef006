"""Features told as plain values, and built from them again."""

import importlib
from typing import Any

from datamodules.errors import UserError
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.steps.step import Step
from datamodules.hyperparameters import as_config


def told(features: ColumnFeatures) -> dict[str, Any]:
    """Return the class of features, what they were built from and what they learnt."""
    config: dict[str, Any] = as_config(features)
    return {**config, "state": features.state_dict()}


def built(config: dict[str, Any]) -> ColumnFeatures:
    """Return the features that were told.

    Raises:
        UserError: if their class cannot be imported here.
    """
    features = _build(config)
    assert isinstance(features, ColumnFeatures)
    features.load_state_dict(config["state"])
    return features


def _build(config: dict[str, Any]) -> Any:
    path: str = config["class_path"]
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise UserError(
            f"The model was trained with features of the class {path}, which cannot be imported "
            f"here: {error}."
        ) from error
    # a checkpoint may name what it likes, and only features and their steps are built
    if not (isinstance(found, type) and issubclass(found, ColumnFeatures | Step)):
        raise UserError(f"{path} is no class of features or of their steps.")
    return found(**{name: _value(value) for name, value in config.get("init_args", {}).items()})


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(item) for item in value]
    return _build(value) if isinstance(value, dict) and "class_path" in value else value
