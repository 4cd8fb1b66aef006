"""A config as a tree of mappings, in which a class stands as ``class_path`` and ``init_args``."""

from collections.abc import Iterator, Sequence
from typing import Any

from datamodules.errors import UserError

CLASS_KEYS = ("class_path", "init_args", "dict_kwargs")
KeyPath = tuple[str, ...]
"""Keys from the root as a user types them: without ``init_args``, places of a list as numbers."""


def class_path(node: Any) -> str | None:
    """Return the name of the class that a node stands for, if it says one."""
    if isinstance(node, str):
        return node
    path = node.get("class_path") if isinstance(node, dict) else None
    return path if isinstance(path, str) else None


def init_args(node: Any) -> dict[str, Any]:
    """Return the arguments that a node gives its class: those below ``init_args`` or beside it."""
    if not isinstance(node, dict):
        return {}
    inner = node.get("init_args")
    beside = {key: value for key, value in node.items() if key not in CLASS_KEYS}
    return {**(inner if isinstance(inner, dict) else {}), **beside}


def normal(tree: Any) -> Any:
    """Return a tree in which the arguments of each class stand below ``init_args``, none beside it.

    ``{class_path: ConvNet, dropout: 0.2}`` is short for what the parser wants.
    """
    if isinstance(tree, list):
        return [normal(value) for value in tree]
    if not isinstance(tree, dict):
        return tree
    inner = {key: normal(value) for key, value in tree.items()}
    if "class_path" not in inner or not (inner.keys() - set(CLASS_KEYS)):
        return inner
    kept = {key: value for key, value in inner.items() if key in CLASS_KEYS}
    return {**kept, "init_args": init_args(inner)}


def merged(first: Any, second: Any) -> Any:
    """Return ``first`` overridden by ``second``: mappings key by key, all else whole.

    Where the class changes, the arguments of the one before go with it.
    """
    if isinstance(second, str) and isinstance(first, dict):
        before = class_path(first)
        return first if before == second else second
    if not isinstance(first, dict) or not isinstance(second, dict):
        if isinstance(first, str) and isinstance(second, dict) and "init_args" in second:
            return merged({"class_path": first}, second)
        return second
    if class_path(second) not in (None, class_path(first)):
        return second
    return {
        **first,
        **{
            key: merged(first[key], value) if key in first else value
            for key, value in second.items()
        },
    }


def put(tree: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set what a dotted flag names; a last key that ends in ``+`` appends to a list.

    Args:
        tree: the config, which is changed.
        path: the keys, as typed.
        value: what they are set to.
    """
    node = tree
    for key in path[:-1]:
        node = _inner(_container(node, key), key)
    last = path[-1]
    container = _container(node, last.rstrip("+"))
    if last.endswith("+"):
        last = last.rstrip("+")
        before = container.get(last) or []
        added = value if isinstance(value, list) else [value]
        container[last] = [*(before if isinstance(before, list) else [before]), *added]
    elif last in container:
        container[last] = merged(container[last], value)
    else:
        container[last] = value


def leaves(tree: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every value that is no mapping, list or class with arguments, with its path."""
    if isinstance(tree, dict):
        if class_path(tree) is not None:
            yield path, class_path(tree)
        for key, value in init_args(tree).items():
            yield from leaves(value, (*path, key))
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield from leaves(value, (*path, str(place)))
    else:
        yield path, tree


def _container(node: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the mapping of a node in which a key stands."""
    if key in CLASS_KEYS or not any(name in node for name in CLASS_KEYS):
        return node
    if not isinstance(node.get("init_args"), dict):
        node["init_args"] = {}
    inner: dict[str, Any] = node["init_args"]
    return inner


def _inner(container: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the mapping below a key, which becomes one if it is none; of a list, its last."""
    child = container.get(key)
    if isinstance(child, list) and child:
        child[-1] = _as_mapping(child[-1], key)
        last: dict[str, Any] = child[-1]
        return last
    container[key] = mapping = _as_mapping(child, key)
    return mapping


def _as_mapping(node: Any, key: str) -> dict[str, Any]:
    if node is None:
        return {}
    if isinstance(node, str):
        return {"class_path": node, "init_args": {}}
    if not isinstance(node, dict):
        raise UserError(f"'{key}' is {node!r:.60}, which has no settings of its own to change.")
    return node
