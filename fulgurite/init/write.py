"""A plan as a config that a person can read."""

from pathlib import Path
from typing import Any

import yaml

from fulgurite.init.plan import Plan

LINES = 15
"""What a person reads at a glance."""


def as_yaml(plan: Plan, path: Path) -> str:
    """Return the text of a config, at most 15 lines.

    Args:
        plan: what it says.
        path: where it will stand, for the command in its head.
    """
    data = {"class_path": plan.datamodule, **plan.data}
    model = {"class_path": plan.model, **plan.parts}
    lines = [f"# {plan.summary}", f"#   fulgurite fit --config {path}", *_block("data", data)]
    for place, line in enumerate(lines):
        remark = plan.remarks.get(line.strip().partition(":")[0])
        lines[place] = f"{line}  # {remark}" if remark else line
    block = _block("model", model)
    lines += block if len(lines) + len(block) < LINES else [f"model: {_plain(model)}"]
    lines.append(f"trainer: {{max_epochs: {plan.epochs}}}  # early stopping may end it sooner")
    return "".join(f"{line}\n" for line in lines)


def _block(key: str, values: dict[str, Any]) -> list[str]:
    return [f"{key}:", *(f"  {name}: {_plain(value)}" for name, value in values.items())]


def _plain(value: Any) -> str:
    """Return a value on one line, as YAML."""
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**9
    )
    return text.removesuffix("\n").removesuffix("\n...")
