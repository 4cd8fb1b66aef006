"""What is shown is what the best epoch said of the validation rows."""

from collections.abc import Callable
from functools import partial

import lightning as L
import numpy as np
import pytest
import torch
from torch.optim import Adam

from callbacks.best_epoch import BestEpoch
from callbacks.pictures import shown
from callbacks.pictures.image_grid import draw_images
from callbacks.pictures.kept_rows import Rows
from callbacks.pictures.validation_pictures import ValidationPictures, judge
from callbacks.tensorboard import Curves
from datamodules.image import ImageDataModule
from datamodules.tabular import TabularDataModule
from lightning_modules.backbones.convnet import ConvNet
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification
from lightning_modules.regression import Regression

net = partial(TabularMLP, width=8, depth=1)


@pytest.fixture
def watch(trainer, tmp_path) -> Callable[..., tuple[BestEpoch, L.Trainer]]:
    """Fit with pictures, into the folder ``run``."""

    def fit(module, data, *others: L.Callback, monitor="val/loss", mode="min", **settings):
        best = BestEpoch(monitor, mode)
        callbacks = [best, ValidationPictures(best), *others]
        curves = Curves(str(tmp_path / "run"))
        watched = trainer(**{"logger": curves, "callbacks": callbacks, **settings})
        watched.fit(module, data)
        return best, watched

    return fit


@pytest.fixture
def judged(monkeypatch):
    """Collect what is shown instead of showing it."""
    told = []
    monkeypatch.setattr(shown, "show", lambda *given: told.append(given))
    return told


@pytest.mark.parametrize("mode", ["min", "max"])
def test_the_rows_are_the_best_epoch_s(run, watch, judged, mode):
    module, data = run("plan", rate=0.3)
    history = []

    class Remember(L.Callback):
        def on_validation_end(self, trainer, pl_module):
            rows = data.store[data.split.val]
            with torch.no_grad():
                history.append(pl_module.probabilities(pl_module(rows["inputs"])))

    best, _ = watch(module, data, Remember(), mode=mode, max_epochs=6)
    assert best.epoch is not None
    ((_, rows, datamodule, title, step),) = judged
    assert rows.index.tolist() == data.split.val.tolist()
    assert rows.target.equal(data.store[data.split.val]["target"])
    assert torch.allclose(rows.probability, history[best.epoch], atol=1e-6)
    assert rows.prediction.equal(history[best.epoch].argmax(dim=1))
    assert datamodule is data
    assert title == f"18 validation rows, epoch {best.epoch + 1}"
    assert step == best.epoch * 5 + 4


def test_a_run_that_got_no_better_shows_its_last_epoch(run, trainer, judged, tmp_path):
    module, data = run()
    best = BestEpoch("val/f1", "max")
    best.epoch, best.figures = 7, {"val/f1": 2.0}
    callbacks = [best, ValidationPictures(best)]
    curves = Curves(str(tmp_path / "run"))
    trainer(max_epochs=3, logger=curves, callbacks=callbacks).fit(module, data)
    assert judged[0][3].endswith("epoch 3")


def test_nothing_is_kept_or_shown_without_tensorboard(run, watch, judged):
    class Look(L.Callback):
        def on_train_end(self, trainer, pl_module):
            (pictures,) = (c for c in trainer.callbacks if isinstance(c, ValidationPictures))
            assert pictures.kept is None

    module, data = run()
    watch(module, data, Look(), logger=False)
    assert judged == []


def test_a_foreign_module_and_no_validation_rows_are_passed_over(run, watch, judged):
    class Other(L.LightningModule):
        def configure_model(self):
            self.layer = torch.nn.Linear(1, 1)

        def training_step(self, batch, batch_idx):
            return {"loss": self.layer(batch["inputs"]["numeric"][:, :1]).mean()}

        def validation_step(self, batch, batch_idx):
            return self.layer(batch["inputs"]["numeric"][:, :1])

        def configure_optimizers(self):
            return Adam(self.parameters())

    module, data = run()
    watch(Other(), data)
    watch(module, data, limit_val_batches=0)
    assert judged == []


def test_rows_that_are_no_numbers_are_left_out(run):
    module, _data = run()
    logits = torch.tensor([[1.0, 2.0], [float("nan"), 0.0]])
    rows = Rows(logits, torch.tensor([1, 1]), torch.tensor([4, 5]))
    told = judge(module, rows)
    assert told is not None
    assert told.index.tolist() == [4]
    assert judge(module, rows.take(torch.tensor([1]))) is None


def test_the_module_s_device_is_asked(run, monkeypatch):
    module, _ = run()
    seen = []

    def predictions(logits):
        seen.append(logits.device)
        return {"prediction": logits.argmax(1), "probability": logits}

    monkeypatch.setattr(module, "predictions", predictions)
    rows = Rows(torch.rand(2, 2), torch.tensor([1, 1]), torch.tensor([4, 5]))
    assert judge(module, rows) is not None
    assert seen == [module.device]


@pytest.mark.parametrize(
    ("target", "images", "curves", "heading"),
    [
        ("buys", ["confusion"], ["yes"], "probability of predicted"),
        ("plan", ["confusion"], ["basic", "free", "gold"], "probability of predicted"),
        ("likes", ["labels"], ["art", "food", "golf"], "worst label"),
        ("spends", ["predicted_and_true", "errors"], [], "error"),
        (
            ["spends", "saves"],
            [
                f"{kind}/{n}"
                for n in ("spends", "saves")
                for kind in ("predicted_and_true", "errors")
            ],
            [],
            "error",
        ),
    ],
)
def test_each_kind_of_target_has_its_pictures(
    people, watch, events, tmp_path, target, images, curves, heading
):
    separator = "|" if target == "likes" else None
    data = TabularDataModule(str(people), target=target, separator=separator)
    kind = Regression if "spends" in target else Classification
    watch(kind(data.spec, net, optimizer=partial(Adam, lr=1e-3)), data)
    read = events(tmp_path / "run")
    assert read.tags["images"] == [f"validation/{name}" for name in images]
    for name in images:
        assert read.image(f"validation/{name}").std() > 0
    found = [tag for tag in read.tags["tensors"] if tag.startswith("precision_recall/")]
    assert found == [f"precision_recall/{name}" for name in curves]
    text = read.text("validation/worst")
    first, _, header, *lines = text.splitlines()
    assert first == "The worst of 18 validation rows, epoch 1"
    assert header.startswith(f"| row | true | predicted | {heading} | age | height | city |")
    assert 2 <= len(lines) <= 21


def test_a_curve_has_the_precision_and_recall_of_its_rows(people, watch, events, tmp_path):
    data = TabularDataModule(str(people), target="buys")
    module = Classification(data.spec, net, optimizer=partial(Adam, lr=1e-2))
    watch(module, data)
    assert data.store is not None
    assert data.split is not None
    rows = data.store[data.split.val.tolist()]
    assert isinstance(rows["inputs"], dict)
    p = module.eval().probabilities(module(rows["inputs"]).detach())[:, 1].numpy()
    truth = rows["target"].numpy()
    tp, fp, _, fn, _precision, recall = events(tmp_path / "run").curve("precision_recall/yes")
    middle = len(tp) // 2  # of 127 thresholds, evenly spaced over 126 steps
    said = np.floor(p * 126) >= middle
    assert (tp[middle], fp[middle]) == ((said & (truth == 1)).sum(), (said & (truth == 0)).sum())
    assert recall[middle] == pytest.approx(tp[middle] / (truth == 1).sum())
    assert fn[0] == 0


def test_images_are_shown_worst_first_and_some(watch, events, tmp_path, monkeypatch):
    drawn = {}
    draw = draw_images

    def remember(images, told, title):
        drawn[title] = images, [int(text.split("row ")[1]) for text, _ in told]
        return draw(images, told, title)

    monkeypatch.setattr(shown, "draw_images", remember)
    data = ImageDataModule("sample:digits")
    module = Classification(data.spec, partial(ConvNet, widths=(4,)))
    watch(module, data, limit_train_batches=1)
    read = events(tmp_path / "run")
    assert read.tags["images"] == [f"validation/{n}" for n in ("confusion", "worst", "some")]
    assert read.image("validation/worst").shape == read.image("validation/some").shape
    assert data.store is not None
    assert data.split is not None
    rows = data.store[data.split.val.tolist()]
    with torch.no_grad():
        likely = module.eval().probabilities(module(rows["inputs"]))
    of_truth = likely.gather(1, rows["target"][:, None])[:, 0]
    for images, numbers in drawn.values():
        assert images.equal(data.store[numbers]["inputs"])
    (_, worst), (_, some) = drawn.values()
    shown_truth = of_truth[torch.isin(rows["index"], torch.tensor(worst))]
    assert shown_truth.max() <= of_truth.sort().values[17] + 1e-5
    assert list(drawn) == [f"{n} of 270 validation rows, epoch 1" for n in ("worst", "some")]
    assert len(worst) == len(some) == 18
    assert worst != some
    assert "validation/worst/text_summary" not in read.tags["tensors"]


def test_a_share_of_many_rows_is_kept(run, watch, judged, monkeypatch):
    monkeypatch.setattr("callbacks.pictures.kept_rows.MOST_ROWS", 7)
    module, data = run()
    watch(module, data)
    assert len(judged[0][1].index) == 7
