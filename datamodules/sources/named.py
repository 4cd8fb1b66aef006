"""What stands behind ``sample:NAME``."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Literal

from datamodules.errors import UserError, unknown
from datamodules.records import Records
from datamodules.sources.samples import images, tables, texts

Kind = Literal["image", "table", "text"]

PREFIX = "sample:"
MODULES: dict[Kind, ModuleType] = {"image": images, "table": tables, "text": texts}
READERS: dict[Kind, str] = {
    "image": "ImageDataModule",
    "table": "TabularDataModule",
    "text": "TextDataModule",
}


def is_sample(source: str) -> bool:
    """Return whether the source names a sample and not a path."""
    return source.startswith(PREFIX)


def sample_names(kind: Kind) -> list[str]:
    """Return the names of all samples of a kind."""
    return sorted(_functions(kind))


def read_sample(source: str, kind: Kind) -> Records:
    """Read a named sample.

    Args:
        source: ``sample:NAME``.
        kind: what the reader can take.

    Raises:
        UserError: no sample has that name, it is of another kind, or what holds it is not there.
    """
    name = source.removeprefix(PREFIX)
    of_kind = {k: _functions(k) for k in sorted(MODULES, key=lambda k: k != kind)}
    if name in of_kind[kind]:
        return of_kind[kind][name]()
    for other, functions in of_kind.items():
        if name in functions:
            raise UserError(f"{source} holds {other}s, not {kind}s: use {READERS[other]}.")
    # dicts keep their order, so the names that fit come first
    known = [n for functions in of_kind.values() for n in functions]
    raise UserError(f"--data.source: {unknown('sample', name, known)}")


def _functions(kind: Kind) -> dict[str, Callable[[], Records]]:
    module = MODULES[kind]
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
    }
