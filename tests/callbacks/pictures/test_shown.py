"""Each kind of target has its pictures, curves and table, of the rows that they say."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.optim import Adam
from torch.utils.tensorboard import SummaryWriter

from callbacks.pictures import shown
from callbacks.pictures.image_grid import draw_images
from callbacks.pictures.shown import show
from datamodules.image import ImageDataModule
from datamodules.tabular import TabularDataModule
from lightning_modules.backbones.convnet import ConvNet
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification
from lightning_modules.regression import Regression

net = partial(TabularMLP, width=8, depth=1)


def test_rows_whose_data_are_not_ours_have_pictures_and_no_table(classes, tmp_path, events):
    with SummaryWriter(str(tmp_path / "run")) as writer:
        show(writer, classes, None, "5 rows", 3)
    read = events(tmp_path / "run")
    assert read.tags["images"] == ["validation/confusion"]
    assert read.tags["tensors"] == [f"precision_recall/{n}" for n in ("ant", "bee", "cat")]
    assert [event.step for event in read.read.Images("validation/confusion")] == [3]


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
