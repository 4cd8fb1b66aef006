"""Recipes of training through the real command: smoothed labels, averages, samplers, views."""

import json
from pathlib import Path

import polars as pl
import pytest
import torch
import yaml

AVERAGES = {
    "moving": "[{class_path: ExponentialMovingAverage, init_args: {decay: 0.9}}]",
    "last": "[{class_path: StochasticWeightAveraging, init_args: {start: 0.25}}]",
}


def last(run: str) -> dict[str, torch.Tensor]:
    state = torch.load(f"{run}/checkpoints/last.ckpt", weights_only=True)
    found: dict[str, torch.Tensor] = dict(state["state_dict"])
    for kept in state["callbacks"].values():
        if "average" in kept:
            found |= {f"weights.{name}": each for name, each in kept["weights"].items()}
            found |= {f"average.{name}": each for name, each in kept["average"].items()}
    return found


@pytest.mark.parametrize(
    "loss", ["CrossEntropyLoss", "SoftTargetCrossEntropy", "SmoothBCEWithLogitsLoss"]
)
def test_labels_are_smoothed_by_one_argument(command, config, loss):
    many = ["--data.target", "likes", "--data.separator", "|"] if "BCE" in loss else []
    words = ["fit", "--config", config, *many, "--model.loss", loss, "--model.class_weight"]
    smooth = ["--model.loss.label_smoothing", "0.1", "--trainer.max_epochs", "1"]
    outcome = command(*words, "balanced", *smooth)
    assert outcome.status == 0, outcome.err
    saved = yaml.safe_load(Path("runs/people/0/config.yaml").read_text())["model"]["init_args"]
    assert saved["loss"]["init_args"]["label_smoothing"] == 0.1
    assert command("test", "--ckpt_path", "last").status == 0


@pytest.mark.slow
@pytest.mark.parametrize("average", AVERAGES)
def test_a_killed_run_with_an_average_and_a_sampler_goes_on_bit_by_bit(
    command, config, monkeypatch, average
):
    from callbacks.training_loss import TrainingLoss

    words = ["fit", "--config", config, "--model.backbone.dropout", "0.5"]
    words += ["--data.sampler", "ClassBalanced", "--data.augment", "[NumericNoise]"]
    words += ["--trainer.callbacks", AVERAGES[average], "--trainer.max_epochs", "4"]
    words += ["--checkpoint.every_n_train_steps", "2"]
    assert command(*words).status == 0
    batch_end = TrainingLoss.on_train_batch_end

    def die(self, trainer, module, outputs, batch, batch_idx):
        if (trainer.current_epoch, batch_idx) == (2, 2):
            raise MemoryError
        batch_end(self, trainer, module, outputs, batch, batch_idx)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLoss, "on_train_batch_end", die)
        with pytest.raises(MemoryError):
            command(*words)
    outcome = command("fit", "--resume", "last")
    assert outcome.status == 0, outcome.err
    one, other = last("runs/people/0"), last("runs/people/1")
    assert any(name.startswith("average.") for name in one)
    assert one.keys() == other.keys()
    assert all(torch.equal(values, other[name]) for name, values in one.items())
    tables = [pl.read_csv(f"runs/people/{run}/metrics.csv") for run in (0, 1)]
    assert tables[1].equals(tables[0])


@pytest.mark.slow
@pytest.mark.parametrize("average", AVERAGES)
def test_what_is_measured_again_is_what_was_chosen(command, config, average):
    words = ["--trainer.callbacks", AVERAGES[average], "--trainer.max_epochs", "3"]
    fitted = command("fit", "--config", config, *words, "--json")
    best = json.loads(fitted.out)["metrics"]
    again = json.loads(command("validate", "--ckpt_path", "last", "--json").out)["metrics"]
    for name, figure in again.items():
        assert figure == pytest.approx(best[name], rel=1e-5)


@pytest.mark.slow
def test_views_are_asked_for_when_a_run_is_tested(command, run):
    views = "{transforms: [{class_path: NumericNoise, init_args: {std: 1.0}}], times: 2}"
    asked = [
        "--trainer.callbacks",
        f"[{{class_path: TestTimeAugmentation, init_args: {views}}}]",
    ]
    plain = json.loads(command("test", "--ckpt_path", run, "--json").out)["metrics"]
    outcome = command("test", "--ckpt_path", run, *asked, "--json")
    assert outcome.status == 0, outcome.err
    assert json.loads(outcome.out)["metrics"]["test/loss"] != plain["test/loss"]
    assert command("predict", "--ckpt_path", run, *asked).status == 0
