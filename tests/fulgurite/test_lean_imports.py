"""Imports are put off, and nothing that a user may ask for afterwards is missing or different."""

import gc
import json
import sys
from pathlib import Path

import pytest

from fulgurite.__main__ import main
from fulgurite.lean_imports import put_off_unused_imports
from tests.fulgurite.fresh import LIGHTNING, LINE, fulgurite, python

HEAVY = ["torch._dynamo", "torchvision", "transformers", "scipy", "matplotlib", "sklearn", "pandas"]

LOOK = """\
import json, sys
from pathlib import Path
from lightning.pytorch.callbacks import Callback

class Look(Callback):
    def on_train_batch_end(self, *arguments):
        Path("seen.json").write_text(json.dumps(sorted(sys.modules)))
"""


def test_nothing_is_done_where_lightning_is_imported():
    finders = sys.meta_path[:]
    put_off_unused_imports()
    assert sys.meta_path == finders
    assert gc.isenabled()


def test_the_collector_works_after_a_command(monkeypatch):
    monkeypatch.delitem(sys.modules, "lightning")
    monkeypatch.delitem(sys.modules, "torchmetrics")
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    seen = []

    def look(*words):
        seen.append(gc.isenabled())
        return 0

    monkeypatch.setattr("fulgurite.__main__._trained", look)
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
    code = f"""{LIGHTNING}
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
    lean, full = python(code), python(code, full=True)
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
    code = f"{LIGHTNING}\nimport torchmetrics.{package} as p\nprint(json.dumps(p.__name__))"
    assert python(code) == f"torchmetrics.{package}"


@pytest.mark.slow
def test_metrics_that_need_what_was_put_off():
    code = f"""{LIGHTNING}
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
    code = f"""{LIGHTNING}
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
    assert python(code) == ["Figure", True, ["large"]]


@pytest.mark.slow
def test_what_lightning_offers_is_there():
    code = f"""{LIGHTNING}{LINE}
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
def test_a_metric_that_was_put_off_is_found_by_its_path(people, full):
    Path("users.py").write_text(USERS, encoding="utf-8")
    Path("mine.yaml").write_text(
        "data: {class_path: TabularDataModule, init_args: {source: people.csv, target: buys}}\n"
        "model: {class_path: users.Mine, init_args: {metric: torchmetrics.text.WordErrorRate}}\n",
        encoding="utf-8",
    )
    told = fulgurite("fit", "--config", "mine.yaml", full=full)
    assert told == "error: model in mine.yaml, line 2: given torchmetrics.text.wer.\n"
