"""What all tasks share: the step, what is measured and told, and a life in a checkpoint."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW
from torch.utils.data import DataLoader

from datamodules.errors import UserError
from datamodules.spec import DataSpec, TargetSpec
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification
from lightning_modules.heads import MLPHead
from lightning_modules.losses.focal import FocalLoss
from lightning_modules.losses.gaussian_nll import GaussianNLL
from lightning_modules.regression import Regression
from lightning_modules.schedules.plateau import WarmupPlateau
from lightning_modules.schedules.warmup import Constant
from lightning_modules.supervised import check_loss

SMALL = partial(TabularMLP, width=8, depth=1)


def batches(batch, size: int = 5) -> DataLoader[Any]:
    """Load the batch in parts, the last of which is smaller."""
    parts: Any = [
        {name: values[start : start + size] for name, values in batch.items()}
        for start in range(0, len(batch["index"]), size)
    ]
    return DataLoader(parts, batch_size=None)


def module(problem, kind: str = "binary", **settings):
    spec, batch = problem(kind)
    task = Regression if kind == "regression" else Classification
    return task(spec, SMALL, **settings), batch


@pytest.mark.parametrize("kind", ["binary", "multilabel", "regression"])
def test_every_step_tells_what_a_callback_needs(problem, kind):
    built, batch = module(problem, kind)
    for step in (built.training_step, built.validation_step, built.test_step):
        output = step(batch, 0)
        assert set(output) == {"loss", "logits", "target", "index"}
        assert output["loss"].ndim == 0
        assert not output["logits"].requires_grad
        assert output["target"] is batch["target"]
        assert output["index"] is batch["index"]
    assert built.training_step(batch, 0)["loss"].requires_grad


@pytest.mark.parametrize("stage", ["validate", "test"])
def test_the_loss_logged_is_the_mean_over_rows(problem, trainer, stage):
    built, batch = module(problem)
    run = trainer()
    getattr(run, stage)(built, batches(batch), verbose=False)
    with torch.no_grad():
        expected = nn.functional.cross_entropy(built.eval()(batch["inputs"]), batch["target"])
    prefix = {"validate": "val", "test": "test"}[stage]
    assert float(run.callback_metrics[f"{prefix}/loss"]) == pytest.approx(float(expected))
    assert all(name.startswith(f"{prefix}/") for name in run.callback_metrics)


def test_a_second_validation_forgets_the_first(problem, trainer):
    built, batch = module(problem)
    run = trainer()
    run.validate(built, batches(batch), verbose=False)
    first = {name: float(value) for name, value in run.callback_metrics.items()}
    run.validate(built, batches({n: v[:6] for n, v in batch.items()}), verbose=False)
    assert {n: float(v) for n, v in run.callback_metrics.items()} != first
    run.validate(built, batches(batch), verbose=False)
    assert {n: float(v) for n, v in run.callback_metrics.items()} == first


def test_features_are_what_the_head_is_given(problem):
    built, batch = module(problem, head=MLPHead)
    built.eval()
    features = built.features(batch["inputs"])
    assert features.shape == (16, 8)
    assert built.head(features).equal(built(batch["inputs"]))
    assert built.features({"only": batch["inputs"]}).equal(features)  # as keyword arguments


def test_norms_and_biases_are_undecayed_by_default(problem):
    groups = module(problem)[0].configure_optimizers().param_groups
    assert [group["weight_decay"] > 0 for group in groups] == [True, False]


def test_a_schedule_is_stepped_every_optimizer_step(problem, trainer):
    schedule = partial(Constant, warmup=10)
    built, batch = module(problem, optimizer=partial(SGD, lr=1.0), schedule=schedule)
    run = trainer(accumulate_grad_batches=2)
    run.fit(built, batches(batch, 4), batches(batch))
    assert run.global_step == 2
    assert run.optimizers[0].param_groups[0]["lr"] == pytest.approx(3 / 11)


def test_a_plateau_schedule_is_told_each_validation_s_figure(problem, trainer):
    schedule = partial(WarmupPlateau, monitor="val/loss", patience=0, warmup=0, factor=0.5)
    # a rate of nothing: the figure cannot improve, so every validation but the first is bad
    built, batch = module(problem, optimizer=partial(SGD, lr=1e-30), schedule=schedule)
    run = trainer(max_epochs=4, num_sanity_val_steps=-1)
    run.fit(built, batches(batch, 8), batches(batch))
    (plateau,) = (config.scheduler for config in run.lr_scheduler_configs)
    assert plateau.best == pytest.approx(float(run.callback_metrics["val/loss"]))
    assert plateau.height == 0.5**3


def test_a_plateau_schedule_that_waits_for_nothing_is_told(problem, trainer):
    schedule = partial(WarmupPlateau, monitor="val/f2")
    built, batch = module(problem, schedule=schedule)
    with pytest.raises(UserError, match=r"waits for 'val/f2', which is not logged; .*val/f1"):
        trainer().fit(built, batches(batch), batches(batch))


@pytest.mark.parametrize(
    ("task", "kind", "sentence"),
    [
        (
            Regression,
            "binary",
            "Regression predicts regression targets, but the data's target is binary: "
            "use Classification, or say --data.task.",
        ),
        (
            Classification,
            "regression",
            "Classification predicts binary or multiclass or multilabel targets, but the data's "
            "target is regression: use Regression, or say --data.task.",
        ),
    ],
)
def test_a_task_that_does_not_fit_the_target_is_refused(problem, task, kind, sentence):
    with pytest.raises(UserError) as caught:
        task(problem(kind).spec, SMALL)
    assert str(caught.value) == sentence


def test_data_without_a_target_are_refused():
    with pytest.raises(UserError, match=r"Regression needs data with a target"):
        Regression(DataSpec({"numeric": [5]}), SMALL)


def test_a_backbone_must_say_its_features(problem):
    with pytest.raises(UserError, match=r"ReLU is no backbone: .*'out_features'"):
        Classification(problem("binary").spec, lambda spec: nn.ReLU())


SETTINGS = [
    ("binary", {}),
    ("binary", {"head": partial(MLPHead, hidden=6), "optimizer": partial(AdamW, lr=0.1)}),
    ("multiclass", {"loss": FocalLoss(gamma=3.0), "class_weight": "balanced"}),
    ("multilabel", {"class_weight": "balanced", "schedule": partial(Constant, warmup=3)}),
    ("regression", {}),
    ("regression", {"loss": GaussianNLL(beta=0.5)}),
]


@pytest.mark.parametrize(("kind", "settings"), SETTINGS)
def test_a_checkpoint_rebuilds_the_module_to_the_last_bit(
    problem, trainer, tmp_path, kind, settings
):
    built, batch = module(problem, kind, **settings)
    run = trainer(max_epochs=2)
    run.fit(built, batches(batch), batches(batch))
    run.save_checkpoint(tmp_path / "run.ckpt")

    again = type(built).load_from_checkpoint(tmp_path / "run.ckpt", weights_only=True)
    second = trainer(max_epochs=0)
    second.strategy.connect(again)
    second.save_checkpoint(tmp_path / "again.ckpt", weights_only=True)
    third = type(built).load_from_checkpoint(tmp_path / "again.ckpt", weights_only=True)

    expected = built.eval().predict_step(batch, 0)
    for loaded in (again, third):
        assert loaded.spec.as_config() == built.spec.as_config()
        told = loaded.eval().predict_step(batch, 0)
        assert told.keys() == expected.keys()
        assert all(told[name].equal(expected[name]) for name in expected)
        assert loaded.training_step(batch, 0)["loss"].equal(built.training_step(batch, 0)["loss"])
        ours, theirs = (
            [group["lr"] for group in m.optimizer(m.parameters()).param_groups]
            for m in (built, loaded)
        )
        assert ours == theirs


def test_what_cannot_be_told_plainly_is_handed_over_again(problem, trainer, tmp_path):
    spec, batch = problem("binary")
    built = Classification(spec, lambda spec: TabularMLP(spec, width=4))
    run = trainer()
    run.fit(built, batches(batch), batches(batch))
    run.save_checkpoint(tmp_path / "run.ckpt")
    again = Classification.load_from_checkpoint(
        tmp_path / "run.ckpt",
        weights_only=True,
        backbone=lambda spec: TabularMLP(spec, width=4),
    )
    assert again.eval()(batch["inputs"]).equal(built.eval()(batch["inputs"]))


def test_prediction_tells_the_rows(problem):
    built, batch = module(problem)
    del batch["target"]
    assert built.predict_step(batch, 0)["index"] is batch["index"]
    assert torch.is_tensor(built.predict_step(batch, 0)["prediction"])


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (nn.MSELoss(), "different to the input size"),
        (nn.CrossEntropyLoss(reduction="none"), "it returns (4,) and not one number"),
        (nn.GaussianNLLLoss(), "it says:"),
    ],
)
def test_a_loss_that_does_not_fit_is_refused(loss, reason):
    spec = DataSpec({"numeric": [2]}, TargetSpec("multiclass", ["a", "b", "c"]))
    with pytest.raises(UserError, match=r"does not fit a multiclass target") as caught:
        check_loss(loss, spec, 3)
    assert reason in str(caught.value)
    other = not isinstance(loss, nn.CrossEntropyLoss)
    assert str(caught.value).endswith(". One that fits is CrossEntropyLoss.") == other


def test_features_that_were_computed_before_pass_through(problem):
    built, batch = module(problem)
    built.eval()
    features = built.features(batch["inputs"])
    assert built.features({"features": features}) is features
    torch.testing.assert_close(built({"features": features}), built(batch["inputs"]))
