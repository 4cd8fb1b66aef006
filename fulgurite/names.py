"""Short names of classes, turned into the paths that they are imported from."""

import functools
from collections.abc import Iterator
from typing import Any

from fulgurite.kinds import KINDS, class_named, kind_at, our_classes
from fulgurite.tree import KeyPath, class_path, init_args

SECTIONS = {"data", "model"}
"""Keys of a config that always take a class, whatever an argument of the same name takes."""


def full_path(name: str, key: str) -> str:
    """Return the import path behind a short name, or the name as it is.

    Args:
        name: any value of a config.
        key: where it stands; under a key that takes plain text, such as ``source``, nothing is a
            class.
    """
    if not name.isidentifier() or takes_text(key):
        return name
    entry = class_named(name, key)
    return name if entry is None else entry.path


def short_name(path: str, key: str) -> str:
    """Return the short name of a class, if it leads back to the same class."""
    name = path.rpartition(".")[2]
    entry = class_named(name, key)
    return name if entry is not None and entry.path == path else path


def with_full_paths(tree: Any, key: str = "") -> Any:
    """Return a config with every short name turned into its import path."""
    if isinstance(tree, dict):
        # of a class with arguments, the key above says of what kind it is
        return {
            name: with_full_paths(value, key if name == "class_path" else name)
            for name, value in tree.items()
        }
    if isinstance(tree, list):
        return [with_full_paths(value, key) for value in tree]
    return full_path(tree, key) if isinstance(tree, str) else tree


def unknown_names(tree: dict[str, Any]) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield the short names that stand for no class, where there can be no other.

    Only at places that are certain: another's class may take any text under ``backbone``.

    Yields:
        the path, the name and the kind of class that is wanted there.
    """
    model = tree.get("model")
    ours = (class_path(model) or "").startswith("lightning_modules.")
    places: list[tuple[KeyPath, Any]] = [((key,), tree.get(key)) for key in ("data", "model")]
    if ours:
        places += [(("model", key), value) for key, value in init_args(model).items()]
    trainer = tree.get("trainer")
    callbacks = trainer.get("callbacks") if isinstance(trainer, dict) else None
    if isinstance(callbacks, list):
        places += [(("trainer", "callbacks", str(i)), node) for i, node in enumerate(callbacks)]
    for path, node in places:
        kind = kind_at(path)
        name = class_path(node)
        if kind and name and name.isidentifier() and KINDS[kind].complete:
            yield path, name, kind


def takes_text(key: str) -> bool:
    """Tell whether what stands under a key is plain text, by the annotations of our classes."""
    return key in _text_keys()


@functools.cache
def _text_keys() -> frozenset[str]:
    texts = {
        name
        for entry in our_classes().values()
        for name, parameter in entry.parameters.items()
        if "str" in parameter.annotation
    }
    return frozenset(texts - SECTIONS)
