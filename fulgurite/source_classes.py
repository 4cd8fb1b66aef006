"""What the source says of a class, read so that nothing is imported."""

import ast
import functools
import importlib.util
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Parameter:
    """One argument of a constructor, as written.

    Attributes:
        annotation: its type, empty where the source gives none.
        default: its default; ``None`` where it must be given.
    """

    annotation: str
    default: str | None


@dataclass(frozen=True)
class ClassEntry:
    """What the source says of a class.

    Attributes:
        name: its short name.
        path: its import path.
        doc: its docstring.
        bases: the classes that it derives from, by their last names.
        parameters: the arguments of its constructor, by name; none where it has no own constructor.
    """

    name: str
    path: str
    doc: str
    bases: tuple[str, ...]
    parameters: dict[str, Parameter]

    @property
    def summary(self) -> str:
        """The first sentence of its docstring, on one line."""
        first = self.doc.strip().partition("\n\n")[0].replace("\n", " ")
        roles = re.sub(r":\w+:`~?([^`]*?)(?: <[^`]*>)?`", r"\1", first.replace("``", ""))
        return " ".join(roles.split())


def folder_of(package: str) -> Path | None:
    """Return where a package lies, or ``None``; only its top package is looked for.

    ``find_spec("a.b")`` would import ``a``.
    """
    top, *inner = package.split(".")
    spec = importlib.util.find_spec(top)
    places = (spec and spec.submodule_search_locations) or []
    return next((Path(place, *inner) for place in places), None)


@functools.cache
def classes_in(package: str) -> tuple[ClassEntry, ...]:
    """Return every public class that is defined in a package, or in a module.

    Args:
        package: its full name, such as ``callbacks`` or ``torch.optim``.
    """
    folder = folder_of(package)
    if folder is None:
        return ()
    if folder.with_suffix(".py").is_file():
        return tuple(_classes_of(folder.with_suffix(".py"), package))
    return tuple(
        entry
        for file in sorted(folder.rglob("*.py"))
        for entry in _classes_of(file, _module(package, file.relative_to(folder)))
    )


def _module(package: str, file: Path) -> str:
    parts = [part for part in file.with_suffix("").parts if part != "__init__"]
    return ".".join([package, *parts])


def _classes_of(file: Path, module: str) -> Iterator[ClassEntry]:
    body = ast.parse(file.read_text(encoding="utf-8")).body
    docs = dict(_docs_below(body))
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            bases = tuple(ast.unparse(base).rpartition(".")[2] for base in node.bases)
            doc = ast.get_docstring(node) or docs.get(node.name, "")
            yield ClassEntry(node.name, f"{module}.{node.name}", doc, bases, _parameters(node))


def _docs_below(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield the docstrings that are set below a class, ``Adam.__doc__ = ...``, as torch does."""
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(".__doc__"):
            texts = [each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
            doc = next((inspect.cleandoc(text) for text in texts if isinstance(text, str)), "")
            yield ast.unparse(node.targets[0]).removesuffix(".__doc__"), doc


def _parameters(node: ast.ClassDef) -> dict[str, Parameter]:
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            return _arguments(item.args)
    if "Protocol" in {ast.unparse(base) for base in node.bases}:
        return {}
    return {
        ast.unparse(item.target): Parameter(
            ast.unparse(item.annotation), ast.unparse(item.value) if item.value else None
        )
        for item in node.body
        if isinstance(item, ast.AnnAssign)
    }


def _arguments(arguments: ast.arguments) -> dict[str, Parameter]:
    named = arguments.args
    missing = [None] * (len(named) - len(arguments.defaults))
    pairs = [
        *list(zip(named, [*missing, *arguments.defaults], strict=True))[1:],  # less `self`
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {
        each.arg: Parameter(
            ast.unparse(each.annotation) if each.annotation else "",
            ast.unparse(default) if default else None,
        )
        for each, default in pairs
    }
