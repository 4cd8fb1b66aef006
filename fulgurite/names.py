"""Our classes by their short names, read from the source so that nothing is imported."""

import ast
import functools
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOMS = ("callbacks", "datamodules", "lightning_modules")
SECTIONS = {"data", "model"}
"""Keys of a config that always take a class, whatever an argument of the same name takes."""


@dataclass(frozen=True)
class ClassEntry:
    """What the source says of a class.

    Attributes:
        name: its short name.
        path: its import path.
        summary: the first line of its docstring.
        parameters: the arguments of its constructor with their annotations as written.
    """

    name: str
    path: str
    summary: str
    parameters: dict[str, str]


@functools.cache
def class_index() -> dict[str, ClassEntry]:
    """Return every public class of the rooms."""
    entries = (entry for room in ROOMS for entry in _classes_in(room))
    return {entry.name: entry for entry in entries}


def full_path(name: str, key: str) -> str:
    """Return the import path behind a short name of ours, or the name as it is.

    Args:
        name: any value of a config.
        key: where it stands; under a key that takes plain text, such as ``source``, nothing is a
            class.
    """
    if not name.isidentifier() or key in _text_keys():
        return name
    entry = class_index().get(name)
    return name if entry is None else entry.path


def with_full_paths(tree: Any, key: str = "") -> Any:
    """Return a config with every short name of ours turned into its import path."""
    if isinstance(tree, dict):
        return {name: with_full_paths(value, name) for name, value in tree.items()}
    if isinstance(tree, list):
        return [with_full_paths(value, key) for value in tree]
    return full_path(tree, key) if isinstance(tree, str) else tree


@functools.cache
def _text_keys() -> frozenset[str]:
    texts = {
        name
        for entry in class_index().values()
        for name, annotation in entry.parameters.items()
        if "str" in annotation
    }
    return frozenset(texts - SECTIONS)


def _classes_in(room: str) -> Iterator[ClassEntry]:
    spec = importlib.util.find_spec(room)
    for folder in (spec and spec.submodule_search_locations) or []:
        for file in sorted(Path(folder).rglob("*.py")):
            module = ".".join([room, *file.relative_to(folder).with_suffix("").parts])
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield _entry(node, module)


def _entry(node: ast.ClassDef, module: str) -> ClassEntry:
    summary = (ast.get_docstring(node) or "").partition("\n")[0]
    return ClassEntry(node.name, f"{module}.{node.name}", summary, _parameters(node))


def _parameters(node: ast.ClassDef) -> dict[str, str]:
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            arguments = [*item.args.args[1:], *item.args.kwonlyargs]
            return {a.arg: ast.unparse(a.annotation) if a.annotation else "" for a in arguments}
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    return {ast.unparse(field.target): ast.unparse(field.annotation) for field in fields}
