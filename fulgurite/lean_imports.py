"""Imports put off that lightning, torchmetrics and torch do before a first step and rarely need.

``import lightning`` imports torchmetrics, and that imports all its metrics, also those of images,
texts and sound, with torchvision, transformers, scipy and matplotlib wherever they are installed.
:func:`put_off_unused_imports` puts these off until something asks for them. No package is said to
be missing that is there: a few modules, listed in ``_RULES``, are run without some of their import
statements, and the names that these would bind are bound when they are first looked up.
"""

import ast
import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from fulgurite import without_dynamo

SWITCH = "FULGURITE_FULL_IMPORTS"
"""Environment variable that, set to anything but 0, leaves every import as it is."""

Rule = Callable[[SourceFileLoader, ModuleType], None]
"""Runs a module's code in the module, in place of its loader."""


def put_off_unused_imports() -> None:
    """Let what is imported from now on leave out what a first training step does not use.

    The garbage collector rests meanwhile, until :func:`imports_are_done`: it would look again and
    again through objects that all stay. Nothing happens if lightning or torchmetrics is imported
    already.
    """
    if os.environ.get(SWITCH, "0") not in ("", "0"):
        return
    if sys.modules.keys() & {"lightning", "torchmetrics"} or _finders():
        return
    sys.meta_path.insert(0, _Finder())
    if "torch.optim" in sys.modules:
        without_dynamo.step_without_dynamo()
    if gc.isenabled():
        gc.disable()
        _RESTING.append(True)


def imports_are_done() -> None:
    """Let the garbage collector work again, on what is made from now on."""
    if _RESTING:
        _RESTING.clear()
        gc.freeze()
        gc.enable()


_RESTING: list[bool] = []
"""Holds one element while the garbage collector rests by our doing."""


def _finders() -> list["_Finder"]:
    return [finder for finder in sys.meta_path if isinstance(finder, _Finder)]


class _Finder:
    """Finds the modules of ``_RULES`` where Python itself would, and lets their rule run them."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for a module that has a rule, and ``None`` for all others."""
        if name not in _RULES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader:
            return None  # from a zip file or a frozen program: import it as ever
        spec.loader = _Loader(name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """A loader that lets the module's rule run its code."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        _RULES[self.name](self, module)


def _as_ever(loader: SourceFileLoader, module: ModuleType) -> None:
    SourceFileLoader.exec_module(loader, module)


def _parsed(loader: SourceFileLoader) -> ast.Module:
    return ast.parse(loader.get_data(loader.path), loader.path)


def _run(tree: ast.Module, loader: SourceFileLoader, module: ModuleType) -> None:
    exec(compile(tree, loader.path, "exec", dont_inherit=True), vars(module))


def _without(tree: ast.Module, dropped: Callable[[ast.stmt], bool]) -> ast.Module:
    return ast.Module([node for node in tree.body if not dropped(node)], tree.type_ignores)


class _Names:
    """The names that a package gathers from its modules, each imported when it is looked up."""

    def __init__(self, package: ModuleType) -> None:
        self.package = package
        self.origins: dict[str, tuple[str, str]] = {}
        self.conditions: dict[str, ast.expr] = {}

    def put_off(self, node: ast.stmt, condition: ast.expr | None = None) -> bool:
        """Return whether an import can be put off, and note the names that it would bind."""
        if isinstance(node, ast.If):
            unnested = condition is None and not node.orelse
            return unnested and all(self.put_off(inner, node.test) for inner in node.body)
        if not isinstance(node, ast.ImportFrom) or node.level or not node.module:
            return False
        top, _, rest = f"{node.module}.".partition(".")
        if top != "torchmetrics" or rest.startswith(("utilities", "__about__")):
            return False
        for alias in node.names:
            name = alias.asname or alias.name
            self.origins[name] = (node.module, alias.name)
            if condition is not None:
                self.conditions[name] = condition
        return True

    def all(self) -> list[str]:
        """Return the names that there are, given what is installed."""
        return [name for name in self.origins if self._is_there(name)]

    def look_up(self, name: str) -> Any:
        """Import a name, or a module of the package that its imports would have bound."""
        package = self.package.__name__
        if name in self.origins and self._is_there(name):
            module, original = self.origins[name]
            if module == package:
                value: Any = importlib.import_module(f"{module}.{original}")
            else:
                value = getattr(importlib.import_module(module), original)
        elif not name.startswith("_") and find_spec(f"{package}.{name}"):
            value = importlib.import_module(f"{package}.{name}")
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(self.package, name, value)
        return value

    def _is_there(self, name: str) -> bool:
        condition = self.conditions.get(name)
        if condition is None:
            return True
        code = compile(ast.Expression(condition), str(self.package.__file__), "eval")
        return bool(eval(code, vars(self.package)))


def _names_on_demand(loader: SourceFileLoader, module: ModuleType) -> None:
    """Run a package of torchmetrics that gathers names, without gathering them."""
    names = _Names(module)
    vars(module)["__getattr__"] = names.look_up
    vars(module)["__dir__"] = lambda: sorted({*vars(module), *names.all()})
    tree = _parsed(loader)
    patches = [node for node in tree.body if _patches_scipy(node)]
    _SCIPY_PATCHES.extend((node, module) for node in patches)
    _run(_without(tree, lambda node: node in patches or names.put_off(node)), loader, module)
    # metrics and these import each other, which works only from this side
    importlib.import_module("torchmetrics.utilities")


_SCIPY_PATCHES: list[tuple[ast.stmt, ModuleType]] = []


def _patches_scipy(node: ast.stmt) -> bool:
    """Return whether a statement imports ``scipy.signal`` only to give it a name that it lost."""
    beginning = "if package_available('scipy'):\n    import scipy.signal\n"
    return ast.unparse(node).startswith(beginning) and "scipy.signal" not in sys.modules


def _then_patch(loader: SourceFileLoader, module: ModuleType) -> None:
    """Run ``scipy.signal``; what torchmetrics does to it comes when it can be imported again."""
    _as_ever(loader, module)
    for node, owner in _SCIPY_PATCHES:
        tree = ast.Module([node], [])
        exec(compile(tree, str(owner.__file__), "exec", dont_inherit=True), vars(owner))


def _plots_on_demand(loader: SourceFileLoader, module: ModuleType) -> None:
    """Run torchmetrics' plots without matplotlib, which they then import when they draw."""
    from lightning_utilities.core.imports import lazy_import

    plt = lazy_import("matplotlib.pyplot")

    @contextlib.contextmanager
    def style_change(*args: Any, **kwargs: Any) -> Iterator[None]:
        with plt.style.context(*args, **kwargs):
            yield

    def imports_matplotlib(node: ast.stmt) -> bool:
        return isinstance(node, ast.If) and ast.unparse(node.test) == "_MATPLOTLIB_AVAILABLE"

    if find_spec("matplotlib") is None or "matplotlib.pyplot" in sys.modules:
        _as_ever(loader, module)
        return
    # the types are for annotations, and are these where matplotlib is not installed
    vars(module).update(
        matplotlib=lazy_import("matplotlib"),
        plt=plt,
        style_change=style_change,
        _PLOT_OUT_TYPE=tuple[object, object],
        _AX_TYPE=object,
        _CMAP_TYPE=object,
    )
    _run(_without(_parsed(loader), imports_matplotlib), loader, module)


def _without_dynamo(loader: SourceFileLoader, module: ModuleType) -> None:
    """Run a module of lightning that imports ``torch._dynamo`` for what comes with it alone."""
    tree = _parsed(loader)
    without_dynamo.leave_out(tree, module)
    _run(tree, loader, module)


def _then_step_without_dynamo(loader: SourceFileLoader, module: ModuleType) -> None:
    _as_ever(loader, module)
    without_dynamo.step_without_dynamo()


def _as_if_never_left_out(loader: SourceFileLoader, module: ModuleType) -> None:
    """Run ``torch._dynamo``, with all that was changed for its absence put back."""
    without_dynamo.restore_optimizers()
    _as_ever(loader, module)
    without_dynamo.restore_modules(module)


_RULES: dict[str, Rule] = {
    "torchmetrics": _names_on_demand,
    "torchmetrics.functional": _names_on_demand,
    "torchmetrics.utilities.plot": _plots_on_demand,
    "scipy.signal": _then_patch,
    "lightning.fabric.wrappers": _without_dynamo,
    "lightning.pytorch.utilities.compile": _without_dynamo,
    "lightning.pytorch.trainer.connectors.logger_connector.result": _without_dynamo,
    "torch.optim": _then_step_without_dynamo,
    "torch._dynamo": _as_if_never_left_out,
}
