"""Imports are put off, and nothing that a user may ask for afterwards is missing or different."""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fulgurite.__main__ import main
from fulgurite.lean_imports import SWITCH, import_all, put_off_unused_imports

HEAVY = ["torch._dynamo", "torchvision", "transformers", "scipy", "matplotlib", "sklearn", "pandas"]

LEAN = """\
from fulgurite.lean_imports import imports_are_done, put_off_unused_imports
put_off_unused_imports()
import lightning as L, lightning.pytorch.cli, torch, torchmetrics, json, sys, warnings
imports_are_done()
warnings.simplefilter("ignore")
"""

MODULE = """
class Line(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def training_step(self, batch, index):
        loss = self.layer(batch).square().mean()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters())

rows = torch.utils.data.DataLoader(torch.ones(8, 2), batch_size=4)

def train(module, **settings):
    quiet = dict(logger=False, enable_checkpointing=False, enable_progress_bar=False)
    trainer = L.Trainer(accelerator="cpu", max_epochs=1, **quiet, **settings)
    trainer.fit(module, rows)
    return trainer
"""

LOOK = """\
import json, sys
from pathlib import Path
from lightning.pytorch.callbacks import Callback

class Look(Callback):
    def on_train_batch_end(self, *arguments):
        Path("seen.json").write_text(json.dumps(sorted(sys.modules)))
"""


def python(code: str, **environment: str) -> Any:
    """Run code in a fresh process, and return the JSON of the last line that it prints."""
    words = [sys.executable, "-c", code]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", SWITCH: "0", **environment}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def fulgurite(*words: str | Path, full: bool = False) -> str:
    """Run the command in a fresh process, and return what it says."""
    code = f"from fulgurite.__main__ import main; main({[str(word) for word in words]})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", SWITCH: "1" if full else "0"},
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def test_nothing_is_done_where_lightning_is_imported():
    finders = sys.meta_path[:]
    put_off_unused_imports()
    assert sys.meta_path == finders
    assert gc.isenabled()
    assert not import_all()


def test_the_collector_works_after_a_command(monkeypatch):
    monkeypatch.delitem(sys.modules, "lightning")
    monkeypatch.delitem(sys.modules, "torchmetrics")
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    seen = []
    monkeypatch.setattr("fulgurite.__main__._run", lambda *words: seen.append(gc.isenabled()))
    try:
        main(["fit"])
    finally:
        gc.unfreeze()
    assert seen == [False]
    assert gc.isenabled()


@pytest.mark.slow
def test_a_first_step_leaves_out_what_it_does_not_use(config):
    Path("look.py").write_text(LOOK, encoding="utf-8")
    words = ["fit", "--config", config, "--trainer.callbacks", "look.Look"]
    figures = {}
    for full in (False, True):
        told = fulgurite(*words, full=full)
        assert "trained" in told, told
        seen = set(json.loads(Path("seen.json").read_text()))
        assert (seen & set(HEAVY) != set()) is full
        assert ({"torch._dynamo", "torchvision"} <= seen) is full
        figures[full] = Path(f"runs/people/{int(full)}/metrics.csv").read_text()
    assert figures[False] == figures[True]


@pytest.mark.slow
def test_torchmetrics_has_the_names_it_has_otherwise():
    code = f"""{LEAN}
import torchmetrics.utilities.imports as flags

def every(kind):
    return [kind, *(heir for heirs in kind.__subclasses__() for heir in every(heirs))]

for package in (torchmetrics, torchmetrics.functional):
    for name in package.__all__:
        value = getattr(package, name)
        if isinstance(value, type):
            assert getattr(sys.modules[value.__module__], value.__name__) is value
from torchmetrics import *
from torchmetrics.functional import *
assert not hasattr(torchmetrics, "no_such_name") and "Metric" in dir(torchmetrics)
kinds = sorted(f"{{k.__module__}}.{{k.__name__}}" for k in set(every(torchmetrics.Metric)))
names = [n for p in (torchmetrics, torchmetrics.functional) for n in dir(p) if n[0] != "_"]
told = {{name: bool(flag) for name, flag in vars(flags).items() if name.endswith("AVAILABLE")}}
print(json.dumps([sorted(names), kinds, told]))
"""
    lean, full = python(code), python(code, **{SWITCH: "1"})
    assert set(full[0]) <= set(lean[0])
    assert lean[1] == full[1]
    assert lean[2] == full[2]
    assert lean[2]["_TORCHVISION_AVAILABLE"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "package",
    ["audio", "detection", "functional.text", "image", "metric", "retrieval", "text", "wrappers"],
)
def test_a_package_of_metrics_can_be_imported_first(package):
    code = f"{LEAN}\nimport torchmetrics.{package} as p\nprint(json.dumps(p.__name__))"
    assert python(code) == f"torchmetrics.{package}"


@pytest.mark.slow
def test_metrics_that_need_what_was_put_off():
    code = f"""{LEAN}
left_out = [name for name in {HEAVY} if name in sys.modules]
from torchmetrics.detection import IntersectionOverUnion
box = dict(boxes=torch.tensor([[0.0, 0, 4, 4]]), labels=torch.tensor([1]))
half = dict(boxes=torch.tensor([[0.0, 0, 4, 2]]), labels=torch.tensor([1]))
overlap = IntersectionOverUnion()([box], [half])["iou"].item()
from torchmetrics.image import PeakSignalNoiseRatio
PeakSignalNoiseRatio(data_range=1.0)(torch.rand(2, 1, 8, 8), torch.rand(2, 1, 8, 8))
error = torchmetrics.functional.word_error_rate(["a b"], ["a c"]).item()
import scipy.signal
print(json.dumps([left_out, overlap, error, hasattr(scipy.signal, "hamming")]))
"""
    assert python(code) == [[], 0.5, 0.5, True]


@pytest.mark.slow
def test_a_metric_draws_itself():
    pytest.importorskip("matplotlib")
    code = f"""{LEAN}
import torchmetrics.classification as c, torchmetrics.utilities.plot as plot
assert "matplotlib" not in sys.modules
metric = c.BinaryConfusionMatrix()
metric.update(torch.tensor([0, 1]), torch.tensor([1, 1]))
figure, axes = metric.plot()
import matplotlib, matplotlib.axes
matplotlib.rcParams["axes.titlesize"] = 30.0
styles = []
draw = plot.style_change("default")(lambda: styles.append(matplotlib.rcParams["axes.titlesize"]))
draw()
curve = c.BinaryROC()
curve.update(torch.tensor([0.2, 0.7]), torch.tensor([0, 1]))
is_axes = isinstance(curve.plot()[1], matplotlib.axes.Axes)
print(json.dumps([type(figure).__name__, is_axes, styles]))
"""
    assert python(code, MPLBACKEND="agg") == ["Figure", True, ["large"]]


@pytest.mark.slow
def test_compiling_after_steps_that_were_not_compiled():
    code = f"""{LEAN}{MODULE}
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
    code = f"""{LEAN}
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
    lean, full = python(code), python(code, **{SWITCH: "1"})
    assert lean[0] == full[0]
    assert (lean[1], full[1]) == (False, True)


@pytest.mark.slow
def test_what_lightning_offers_is_there():
    code = f"""{LEAN}{MODULE}
from lightning.pytorch import callbacks, loggers
from lightning.pytorch.plugins import MixedPrecision
from lightning.pytorch.profilers import PyTorchProfiler

class WithRate(Line):
    lr = 0.1

train(Line(), profiler="simple", callbacks=[callbacks.RichModelSummary(), callbacks.Timer()])
train(Line(), profiler=PyTorchProfiler(filename="profile", dirpath="."))
train(WithRate(), callbacks=[callbacks.LearningRateFinder(num_training_steps=3)])
train(Line(), plugins=[MixedPrecision("bf16-mixed", "cpu")])
train(Line(), callbacks=[callbacks.StochasticWeightAveraging(0.1)])
train(Line(), callbacks=[callbacks.ModelPruning("l1_unstructured", amount=0.5)])
train(Line(), strategy="ddp")
logger = loggers.TensorBoardLogger(".")
L.Trainer(accelerator="cpu", max_epochs=1, logger=[logger, loggers.CSVLogger(".")],
    callbacks=[callbacks.DeviceStatsMonitor(), callbacks.LearningRateMonitor()],
    enable_progress_bar=False).fit(Line(), rows)
missing = []
for kind in (loggers.WandbLogger, loggers.MLFlowLogger, loggers.CometLogger):
    try:
        kind(offline=True) if kind is loggers.WandbLogger else kind()
    except ModuleNotFoundError as error:
        missing.append(str(error).partition(" ")[0])
    except Exception:
        missing.append("installed")
exported = torch.export.export(Line().layer, (torch.ones(1, 2),))
print(json.dumps([len(missing), tuple(exported.module()(torch.ones(1, 2)).shape)]))
"""
    assert python(code) == [3, [1, 1]]


USERS = """\
import lightning as L
import torchmetrics
from datamodules.errors import UserError

class Mine(L.LightningModule):
    def __init__(self, metric: torchmetrics.Metric):
        raise UserError(f"given {type(metric).__module__}")
"""


@pytest.mark.slow
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", ["WordErrorRate", "torchmetrics.text.WordErrorRate"])
def test_a_metric_is_found_by_its_short_name(people, name, full):
    Path("users.py").write_text(USERS, encoding="utf-8")
    Path("mine.yaml").write_text(
        "data: {class_path: TabularDataModule, init_args: {source: people.csv, target: buys}}\n"
        f"model: {{class_path: users.Mine, init_args: {{metric: {name}}}}}\n",
        encoding="utf-8",
    )
    told = fulgurite("fit", "--config", "mine.yaml", full=full)
    assert told == "error: given torchmetrics.text.wer\n"
