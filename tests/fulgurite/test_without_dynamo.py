"""Steps are the same without ``torch._dynamo``, and compiling is as ever once it is there."""

import ast
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

from fulgurite import without_dynamo
from fulgurite.without_dynamo import (
    OptimizedModule,
    _without_graph_breaks,
    leave_out,
    restore_modules,
    restore_optimizers,
    step_without_dynamo,
)
from tests.fulgurite.fresh import LIGHTNING, LINE, python


@pytest.fixture
def not_imported(monkeypatch):
    """Let ``torch._dynamo`` be absent, and nothing be changed yet."""
    monkeypatch.delitem(sys.modules, "torch._dynamo", raising=False)
    for name in ("_UNDO", "_COMPLETE"):
        monkeypatch.setattr(without_dynamo, name, [])


def test_optimizers_are_put_back_as_they_were(not_imported, monkeypatch):
    kinds: list[Any] = [torch.optim.Adam, torch.optim.SGD]
    for kind in kinds:  # the first of a kind that another test made has wrapped its steps
        while getattr(kind.step, "hooked", False):
            monkeypatch.setattr(kind, "step", kind.step.__wrapped__)
    before = [kind.step.__code__ for kind in kinds]
    step_without_dynamo()
    try:
        lean = [kind.step.__code__ for kind in kinds]
    finally:
        restore_optimizers()
    assert ["_dynamo" in code.co_names for code in before + lean] == [True, True, False, False]
    assert [kind.step.__code__ for kind in kinds] == before


MODULE = """\
from torch._dynamo import OptimizedModule
class Log:
    @torch.compiler.disable
    def write(self):
        return "written"
    @property
    def name(self):
        return "log"
"""


def test_what_a_module_lacks_it_is_given_later(not_imported):
    module: Any = ModuleType("log")
    tree = ast.parse(MODULE)
    leave_out(tree, module)
    exec(compile(tree, "log.py", "exec"), vars(module))
    assert vars(module)["OptimizedModule"] is OptimizedModule
    assert (module.Log().write(), module.Log().name) == ("written", "log")
    dynamo: Any = SimpleNamespace(OptimizedModule=int, disable=lambda function: "disabled")
    restore_modules(dynamo)
    assert vars(module)["OptimizedModule"] is int
    assert (module.Log.write, module.Log().name) == ("disabled", "log")


def test_where_it_is_imported_nothing_is_left_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch._dynamo", ModuleType("torch._dynamo"))
    tree, before = ast.parse(MODULE), torch.optim.Adam.step.__code__
    leave_out(tree, ModuleType("log"))
    assert ast.dump(tree) == ast.dump(ast.parse(MODULE))
    step_without_dynamo()
    assert torch.optim.Adam.step.__code__ is before


@pytest.mark.slow
def test_compiling_after_steps_that_were_not_compiled():
    code = f"""{LIGHTNING}{LINE}
net = torch.nn.Linear(2, 1)
optimizers = [torch.optim.SGD(net.parameters(), 0.1), torch.optim.AdamW(net.parameters())]
for optimizer in optimizers:
    net(torch.ones(3, 2)).sum().backward()
    optimizer.step()
    optimizer.zero_grad()
train(Line())
changed = torch.optim.Adam.step.__code__
assert "torch._dynamo" not in sys.modules
compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
assert "torch._dynamo" in sys.modules
before = net.weight.clone()
for optimizer in optimizers:
    compiled(torch.ones(3, 2)).sum().backward()
    torch.compile(optimizer.step, backend="aot_eager")()
    optimizer.zero_grad()
assert not torch.equal(before, net.weight)
assert torch.allclose(compiled(torch.ones(3, 2)), net(torch.ones(3, 2)))
trainer = train(torch.compile(Line(), backend="aot_eager"))
assert trainer.global_step == 2
from lightning.fabric import wrappers
from lightning.pytorch.trainer.connectors.logger_connector.result import _ResultCollection
from lightning.pytorch.utilities import compile as of_lightning
real = torch._dynamo.OptimizedModule
step = torch.optim.Adam.step.__code__
method = torch.optim.Optimizer.zero_grad
print(json.dumps([
    wrappers.OptimizedModule is real and of_lightning.OptimizedModule is real,
    step is not changed and "_dynamo" in step.co_names and "_dynamo" not in changed.co_names,
    getattr(_ResultCollection.log, "_torchdynamo_disable", False),
    method.__wrapped__.__dict__.get("__dynamo_disable") is not method.__wrapped__,
]))
"""
    assert python(code) == [True, True, True, True]


@pytest.mark.slow
def test_steps_without_dynamo_are_the_same_steps():
    code = f"""{LIGHTNING}
torch.manual_seed(0)
ends = []
for kind in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "RAdam", "Adadelta", "Rprop"):
    weight = torch.nn.Parameter(torch.ones(3))
    optimizer = getattr(torch.optim, kind)([weight], lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        (weight**2).sum().backward()
        optimizer.step(lambda: torch.is_grad_enabled() and weight.sum())
    state = optimizer.state_dict()
    optimizer.load_state_dict(state)
    ends.append(weight.tolist())
print(json.dumps([ends, "torch._dynamo" in sys.modules]))
"""
    lean, full = python(code), python(code, full=True)
    assert lean[0] == full[0]
    assert (lean[1], full[1]) == (False, True)


def decorator(function):
    def wrapper(*arguments):
        import torch._dynamo

        torch._dynamo.graph_break()
        return function(*arguments)

    return wrapper


def other_decorator(function):
    def wrapper(*arguments):
        import torch._dynamo

        torch._dynamo.reset()
        return function(*arguments)

    return wrapper


def test_code_that_is_not_as_expected_is_left_alone():
    code = _without_graph_breaks(decorator)
    assert code is not None
    assert code.co_firstlineno == decorator.__code__.co_firstlineno + 1
    assert _without_graph_breaks(other_decorator) is None
