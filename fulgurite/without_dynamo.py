"""Training without ``torch._dynamo``, for as long as nothing else has imported it.

Torch's optimizers import it in every step to tell a compiler where not to look, and lightning to
ask whether a module is a compiled one. It takes as long to import as the rest of torch, and where
it is not imported nothing is compiled. As soon as anything imports it, such as ``torch.compile``,
what was changed is put back: what it may look at, before it is loaded; what is made by it, after.
"""

import ast
import inspect
import sys
from collections.abc import Callable
from types import CodeType, FunctionType, ModuleType
from typing import Any

_UNDO: list[Callable[[], None]] = []
"""Each takes back one change to torch's optimizers."""
_COMPLETE: list[Callable[[Any], None]] = []
"""Each gives one module what it lacks, from ``torch._dynamo`` once that is loaded."""

_IMPORT = "from torch._dynamo import OptimizedModule"
_DISABLED = "torch.compiler.disable"

_CACHE = "__dynamo_disable"
"""Attribute in which torch keeps the form of a function that no compiler looks into."""


class OptimizedModule:
    """Stands for ``torch._dynamo.OptimizedModule``, of which there are no instances yet."""


def step_without_dynamo() -> None:
    """Let the optimizers of torch step without importing ``torch._dynamo``.

    Where torch's code is not what is expected, or the import is done already, nothing is changed.
    """
    if "torch._dynamo" in sys.modules or _UNDO:
        return
    from torch import _compile, optim
    from torch.optim import optimizer

    wrapper = optimizer._use_grad_for_differentiable
    lean = _without_graph_breaks(wrapper)
    for kind in vars(optim).values():
        step = vars(kind).get("step") if isinstance(kind, type) else None
        if lean is not None and _is_closure_of(wrapper, step):
            _set(step, "__code__", lean)
    for method in vars(optim.Optimizer).values():
        if _is_closure_of(_compile._disable_dynamo, method):
            function = method.__wrapped__
            if _CACHE in method.__code__.co_consts and not hasattr(function, _CACHE):
                _set(function, _CACHE, function)


def restore_optimizers() -> None:
    """Put back what :func:`step_without_dynamo` changed."""
    while _UNDO:
        _UNDO.pop()()


def leave_out(tree: ast.Module, module: ModuleType) -> None:
    """Take out of a module's code what needs ``torch._dynamo`` before it is run.

    Args:
        tree: the code, which is changed.
        module: where the code will be run.
    """
    if "torch._dynamo" in sys.modules:
        return
    imports = [node for node in tree.body if ast.unparse(node) == _IMPORT]
    if imports:
        tree.body = [node for node in tree.body if node not in imports]
        vars(module)["OptimizedModule"] = OptimizedModule
        _COMPLETE.append(lambda dynamo: vars(module).update(OptimizedModule=dynamo.OptimizedModule))
    for owner in [node for node in tree.body if isinstance(node, ast.ClassDef)]:
        for node in owner.body:
            if isinstance(node, ast.FunctionDef) and _is_disabled(node):
                node.decorator_list = []
                _COMPLETE.append(_disabling(module, owner.name, node.name))


def restore_modules(dynamo: ModuleType) -> None:
    """Give the modules that :func:`leave_out` changed what they lack.

    Args:
        dynamo: ``torch._dynamo``, loaded.
    """
    while _COMPLETE:
        _COMPLETE.pop()(dynamo)


def _is_disabled(node: ast.FunctionDef) -> bool:
    return [ast.unparse(decorator) for decorator in node.decorator_list] == [_DISABLED]


def _disabling(module: ModuleType, owner: str, name: str) -> Callable[[Any], None]:
    """Return what decorates a method as its source says."""

    def disable(dynamo: Any) -> None:
        kind = vars(module)[owner]
        setattr(kind, name, dynamo.disable(vars(kind)[name]))

    return disable


def _set(target: Any, name: str, value: Any) -> None:
    if hasattr(target, name):
        old = getattr(target, name)
        _UNDO.append(lambda: setattr(target, name, old))
    else:
        _UNDO.append(lambda: delattr(target, name))
    setattr(target, name, value)


def _is_closure_of(outer: Any, inner: Any) -> bool:
    """Return whether a function is one that a decorator made."""
    return isinstance(inner, FunctionType) and any(
        inner.__code__ is constant for constant in outer.__code__.co_consts
    )


def _without_graph_breaks(wrapper: Any) -> CodeType | None:
    """Return the code of the function that the decorator makes, less what concerns dynamo.

    The code is compiled from torch's own source, so that it is that of the torch that is installed.
    """
    try:
        lines, first = inspect.getsourcelines(wrapper)
        tree = _WithoutDynamo().visit(ast.parse("".join(lines)))
        ast.increment_lineno(tree, first - 1)
        code = compile(tree, wrapper.__code__.co_filename, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return None
    original, lean = _nested(wrapper.__code__), _nested(_nested(code))
    if original is None or lean is None or "_dynamo" in lean.co_names:
        return None
    return lean if lean.co_freevars == original.co_freevars else None


def _nested(code: CodeType | None) -> CodeType | None:
    """Return the code of the function that is defined first in some code."""
    constants = code.co_consts if code else ()
    return next((constant for constant in constants if isinstance(constant, CodeType)), None)


class _WithoutDynamo(ast.NodeTransformer):
    """Leaves out ``import torch._dynamo`` and ``torch._dynamo.graph_break()``."""

    def visit_Import(self, node: ast.Import) -> ast.stmt | None:
        return None if ast.unparse(node) == "import torch._dynamo" else node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | None:
        return None if ast.unparse(node) == "torch._dynamo.graph_break()" else node
