"""Steps are the same without ``torch._dynamo``, and compiling is as ever once it is there."""

import pytest

from fulgurite.without_dynamo import _without_graph_breaks
from tests.fulgurite.fresh import LIGHTNING, LINE, python


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
