"""Classes of each kind: learnt, predicted, weighed."""

from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from sklearn.utils.class_weight import compute_class_weight
from torch import nn
from torch.optim import Adam

from datamodules.augmentation.augment import Augment
from datamodules.augmentation.mixup import Mixup
from datamodules.errors import UserError
from datamodules.tabular import TabularDataModule
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification
from lightning_modules.losses.focal import FocalLoss
from lightning_modules.losses.soft_target import SoftTargetCrossEntropy

WIDE = partial(TabularMLP, width=64, dropout=0.0)


def memorised(module, batch, steps: int = 150):
    """Train on one batch, and predict it."""
    optimizer = module.configure_optimizers()
    for _ in range(steps):
        optimizer.zero_grad()
        module.training_step(batch, 0)["loss"].backward()
        optimizer.step()
    return module.eval().predict_step(batch, 0)


@pytest.mark.parametrize(("kind", "names"), [("binary", 2), ("multiclass", 4), ("multilabel", 3)])
def test_sixteen_rows_are_learnt_by_heart(problem, kind, names):
    spec, batch = problem(kind, names)
    module: Any = Classification(spec, WIDE, optimizer=partial(Adam, lr=0.01))
    before = float(module.training_step(batch, 0)["loss"].detach())
    predicted = memorised(module, batch)
    assert predicted["prediction"].equal(batch["target"].long())
    assert float(module.training_step(batch, 0)["loss"].detach()) < before / 20


@pytest.mark.parametrize(
    ("kind", "names", "by_hand"),
    [
        ("binary", 2, lambda logits, target: F.cross_entropy(logits, target)),
        ("multiclass", 4, lambda logits, target: F.cross_entropy(logits, target)),
        (
            "multilabel",
            3,
            lambda logits, target: F.binary_cross_entropy_with_logits(logits, target),
        ),
    ],
)
def test_the_default_loss_is_cross_entropy(problem, kind, names, by_hand):
    spec, batch = problem(kind, names)
    output = Classification(spec, WIDE).training_step(batch, 0)
    assert output["logits"].shape == (16, names)
    assert output["loss"].detach() == pytest.approx(
        float(by_hand(output["logits"], batch["target"])), rel=1e-6
    )


def test_predictions_are_classes_or_marks_with_probabilities(problem):
    logits = torch.tensor([[2.0, -1.0, 0.5], [-3.0, 0.1, 0.0]])
    many = Classification(problem("multilabel", 3).spec, WIDE).predictions(logits)
    assert many["prediction"].tolist() == [[1, 0, 1], [0, 1, 0]]
    assert many["probability"].equal(logits.sigmoid())
    one = Classification(problem("multiclass", 3).spec, WIDE).predictions(logits)
    assert one["prediction"].tolist() == [0, 1]
    assert one["probability"].equal(logits.softmax(dim=1))


def test_balanced_classes_have_scikit_learn_s_weights(problem):
    spec, batch = problem("multiclass", 3)
    target = batch["target"]
    expected = compute_class_weight("balanced", classes=target.unique().numpy(), y=target.numpy())
    module: Any = Classification(spec, WIDE, class_weight="balanced")
    assert module.loss.weight.tolist() == pytest.approx(expected.tolist())
    output = module.training_step(batch, 0)
    by_hand = F.cross_entropy(output["logits"], target, torch.tensor(expected).float())
    assert float(output["loss"].detach()) == pytest.approx(float(by_hand))


def test_balanced_labels_weigh_positives_by_negatives(problem):
    spec, batch = problem("multilabel", 3)
    positives = batch["target"].sum(dim=0)
    module: Any = Classification(spec, WIDE, class_weight="balanced")
    assert module.loss.pos_weight.tolist() == pytest.approx(((16 - positives) / positives).tolist())


class Weightless(nn.Module):
    """A loss that knows no classes' weights."""

    def forward(self, logits, target):
        return nn.functional.cross_entropy(logits, target)


def test_weights_go_onto_any_loss_that_takes_them(problem):
    spec, batch = problem("binary")
    module: Any = Classification(spec, WIDE, loss=FocalLoss(gamma=0.0), class_weight="balanced")
    plain: Any = Classification(spec, WIDE, class_weight="balanced")
    logits = torch.randn(16, 2)
    assert module.loss(logits, batch["target"]) == pytest.approx(
        float(plain.loss(logits, batch["target"]))
    )
    with pytest.raises(UserError, match=r"Weightless takes no class weights"):
        Classification(spec, WIDE, loss=Weightless(), class_weight="balanced")


def test_mixed_rows_are_learnt_by_their_shares(problem):
    spec, batch = problem("multiclass", 4)
    module: Any = Classification(spec, WIDE)
    named: Any = {**batch, "inputs": {"numeric": batch["inputs"]}}
    mixed = Augment([Mixup(1.0)], seed=0)(named, 0, 0, spec)
    assert mixed["target"].shape == (16, 4)
    output = module.training_step(mixed, 0)
    expected = -(mixed["target"] * output["logits"].log_softmax(1)).sum(1).mean()
    assert float(output["loss"].detach()) == pytest.approx(float(expected))
    assert module.loss_weight(mixed["target"]) == 16


def test_a_loss_that_takes_no_shares_of_classes_is_refused_before_training(people, trainer):
    data = TabularDataModule(str(people), target="plan", augment=[Mixup()])
    module = Classification(data.spec, WIDE, loss=FocalLoss())
    with pytest.raises(UserError, match="which the loss FocalLoss does not take: choose Cross"):
        trainer().fit(module, data)
    trainer().validate(module, data, verbose=False)  # where nothing is mixed
    trainer().fit(Classification(data.spec, WIDE, class_weight="balanced"), data)
    labels = TabularDataModule(str(people), target="likes", separator="|", augment=[Mixup()])
    trainer().fit(Classification(labels.spec, WIDE, loss=FocalLoss()), labels)


@pytest.mark.parametrize("mixing", [None, Mixup(1.0)])
@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss, SoftTargetCrossEntropy])
@pytest.mark.parametrize(("kind", "names"), [("binary", 2), ("multiclass", 4)])
def test_labels_can_be_smoothed_with_weights_and_with_mixed_targets(
    problem, kind, names, loss, mixing
):
    spec, batch = problem(kind, names)
    if mixing is not None:
        named: Any = {**batch, "inputs": {"numeric": batch["inputs"]}}
        batch = Augment([mixing], seed=0)(named, 0, 0, spec)
    smoothed = loss(label_smoothing=0.1)
    module: Any = Classification(spec, WIDE, loss=smoothed, class_weight="balanced")
    assert module.hparams.loss["init_args"] == {"label_smoothing": 0.1}
    output = module.training_step(batch, 0)
    shares = batch["target"] if mixing else F.one_hot(batch["target"], names).float()
    soft = shares * 0.9 + 0.1 / names
    rows = -(soft * module.loss.weight * output["logits"].log_softmax(1)).sum(1)
    # what the mean divides by is also what the rows of a batch count for in a mean over several
    weights = (shares * module.loss.weight).sum()
    divides_by_rows = mixing is not None and loss is nn.CrossEntropyLoss
    expected = rows.sum() / (len(rows) if divides_by_rows else weights)
    assert float(output["loss"].detach()) == pytest.approx(float(expected), rel=1e-5)
    counted = float(module.loss_weight(batch["target"]))
    assert counted == pytest.approx(float(len(rows) if divides_by_rows else weights), rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "mend"),
    [
        (nn.CrossEntropyLoss(), r"choose --model\.loss BCEWithLogitsLoss\."),
        (
            nn.CrossEntropyLoss(label_smoothing=0.1),
            r"choose --model\.loss SmoothBCEWithLogitsLoss --model\.loss\.label_smoothing 0\.1\.",
        ),
    ],
)
def test_a_loss_for_one_class_a_row_is_refused_for_several_labels(problem, loss, mend):
    with pytest.raises(UserError, match=mend):
        Classification(problem("multilabel", 3).spec, WIDE, loss=loss)
