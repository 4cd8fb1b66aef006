"""Where a setting was given: which flag, or which line of which file."""

from collections.abc import Iterator
from pathlib import Path as File

import yaml

from fulgurite.tree import CLASS_KEYS, KeyPath


def where(path: KeyPath, flags: list[str], configs: list[File]) -> str:
    """Return how a person finds a setting, the last that was given for it.

    Args:
        path: its keys; ``class_path`` at the end asks for where the class was named.
        flags: the dotted names that were typed, in order, without dashes.
        configs: the files, in order.
    """
    keys = tuple(key for key in path if key not in CLASS_KEYS)
    name = ".".join(keys)
    for flag in reversed(flags):
        typed = tuple(key for key in flag.rstrip("+").split(".") if key not in CLASS_KEYS)
        if typed and keys[: len(typed)] == typed:
            return f"--{name}" if keys == typed else f"{name} in --{flag}"
    for config in reversed(configs):
        line = line_of(path, config)
        if line is not None:
            return f"{name} in {config.name}, line {line}"
    return f"--{name}"


def line_of(path: KeyPath, config: File) -> int | None:
    """Return the line of a file in which a key, or its ``class_path``, stands, counted from one."""
    try:
        root = yaml.compose(config.read_text(encoding="utf-8"), yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return None
    lines = dict(_lines(root, ())) if root is not None else {}
    return lines.get(path) or (lines.get(path[:-1]) if path[-1:] == ("class_path",) else None)


def _lines(node: yaml.Node, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    """Yield each path with the line of its key; a class and its arguments are one level."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = path if key.value in CLASS_KEYS else (*path, key.value)
            if key.value not in CLASS_KEYS:
                yield inner, key.start_mark.line + 1
            elif key.value == "class_path":
                yield (*path, "class_path"), value.start_mark.line + 1
            yield from _lines(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield (*path, str(place)), value.start_mark.line + 1
            yield from _lines(value, (*path, str(place)))
