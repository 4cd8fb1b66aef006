"""A plan as a config that a person can read."""

from pathlib import Path
from typing import Any

import yaml

from fulgurite.init.plan import Plan

WIDTH = 100


def as_yaml(plan: Plan, path: Path) -> str:
    """Return the text of a config, at most 15 lines.

    Args:
        plan: what it says.
        path: where it will stand, for the command in its head.
    """
    lines = [f"# {plan.summary}", f"#   fulgurite fit --config {path}", "data:"]
    lines.append(f"  class_path: {plan.datamodule}")
    for name, value in plan.data.items():
        line = f"  {name}: {_plain(value)}"
        remark = plan.remarks.get(name)
        lines.append(f"{line}  # {remark}" if remark else line)
    model = {"class_path": plan.model, "backbone": plan.backbone, "schedule": "WarmupCosine"}
    lines.append(f"model: {_plain(model)}")
    lines.append(f"trainer: {{max_epochs: {plan.epochs}}}  # early stopping may end it sooner")
    return "".join(f"{line}\n" for line in lines)


def _plain(value: Any) -> str:
    """Return a value on one line, as YAML."""
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**9
    )
    return text.removesuffix("\n").removesuffix("\n...")
