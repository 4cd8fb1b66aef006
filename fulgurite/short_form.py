"""``--print_config``: the settings that a user gave, from which the same run can be started."""

from typing import Any

import yaml

from fulgurite.experiment import Experiment
from fulgurite.names import short_name
from fulgurite.tree import class_path, init_args


def short_form(experiment: Experiment) -> str:
    """Return, as YAML, what was given and nothing that is as it would be anyway.

    Values are those that the parser has checked; classes have their short names.
    """
    full = yaml.safe_load(experiment.dump())
    short = {key: _picked(full[key], node, key) for key, node in experiment.arguments.tree.items()}
    text: str = yaml.safe_dump(short, sort_keys=False, allow_unicode=True, default_flow_style=None)
    return text


def _picked(full: Any, given: Any, key: str) -> Any:
    """Return the part of the checked settings that was given."""
    if isinstance(full, dict) and class_path(full) is not None:
        arguments = {
            name: _picked(full["init_args"][name], value, name)
            for name, value in init_args(given).items()
            if name in full.get("init_args", {})
        }
        if class_path(given) is None:
            return arguments
        name = short_name(full["class_path"], key)
        return {"class_path": name, "init_args": arguments} if arguments else name
    if isinstance(full, dict) and isinstance(given, dict):
        return {name: _picked(full[name], value, name) for name, value in given.items()}
    if isinstance(full, list) and isinstance(given, list) and len(full) == len(given):
        return [_picked(one, other, key) for one, other in zip(full, given, strict=True)]
    return full
