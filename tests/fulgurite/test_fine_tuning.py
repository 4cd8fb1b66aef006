"""Ways to fine-tune through the command: exact under a resume, and in two processes as in one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

WAYS = {
    "cached": ["--trainer.callbacks+=FeatureExtractor"],
    "frozen": [
        "--trainer.callbacks+=FeatureExtractor",
        "--trainer.callbacks.cache",
        "false",
    ],
    "gradual": ["--trainer.callbacks+=GradualUnfreezing", "--trainer.callbacks.start", "2"],
    "head first": ["--trainer.callbacks+=HeadFirst", "--trainer.callbacks.epochs", "2"],
}
RATES = ["--model.parameter_groups", "LayerwiseDecay", "--model.parameter_groups.decay", "0.65"]


def weights(run: str) -> dict[str, torch.Tensor]:
    path = Path(run) / "checkpoints" / "last.ckpt"
    state: dict[str, torch.Tensor] = torch.load(path, weights_only=True)["state_dict"]
    return state


@pytest.fixture
def words(config) -> list[str]:
    """Four epochs of three batches, with dropout and rates that follow the end of the run."""
    random = ["--model.backbone.dropout", "0.5", "--model.schedule", "WarmupCosine"]
    return ["fit", "--config", str(config), *random, *RATES, "--trainer.max_epochs", "4"]


@pytest.mark.slow
@pytest.mark.parametrize("moment", [4, 6, 8])
@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_is_interrupted_is_the_same_run(command, words, monkeypatch, way, moment):
    """Before, at and after the end of the second epoch, when more is unfrozen."""
    from callbacks.training_loss import TrainingLoss

    words = [*words, *WAYS[way]]
    assert command(*words).status == 0
    batch_end = TrainingLoss.on_train_batch_end

    def interrupt(self, trainer, module, outputs, batch, batch_idx):
        if trainer.global_step == moment:
            os.kill(os.getpid(), signal.SIGINT)
        batch_end(self, trainer, module, outputs, batch, batch_idx)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLoss, "on_train_batch_end", interrupt)
        assert command(*words).status == 130
    outcome = command("fit", "--resume", "last")
    assert outcome.status == 0, outcome.err
    one, other = weights("runs/people/0"), weights("runs/people/1")
    assert one.keys() == other.keys()
    assert [name for name in one if not one[name].equal(other[name])] == []
    tables = [Path(f"runs/people/{run}/metrics.csv").read_text() for run in (0, 1)]
    assert tables[1] == tables[0]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_two_processes_learn_what_one_does(config, way):
    words = ["fit", "--config", str(config), *RATES, *WAYS[way], "--trainer.max_epochs", "4"]
    words += ["--model.backbone.dropout", "0", "--trainer.gradient_clip_val", "0.5"]
    words += ["--model.optimizer", "SGD", "--model.optimizer.lr", "0.05"]
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "OMP_NUM_THREADS": "1",
    }
    two = ["--trainer.accelerator", "cpu", "--trainer.devices", "2"]
    for more in (["--data.batch_size", "32"], ["--data.batch_size", "16", *two]):
        command = [str(Path(sys.executable).with_name("fulgurite")), *words, *more]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("learning rate") == 1
    one, other = weights("runs/people/0"), weights("runs/people/1")
    for name, weight in one.items():
        torch.testing.assert_close(other[name], weight, rtol=1e-5, atol=1e-6)


def test_a_tuned_run_is_tested_and_predicts_as_any_other(command, config):
    words = ["fit", "--config", config, "--trainer.callbacks+=FeatureExtractor"]
    assert command(*words).status == 0
    tested = command("test", "--json")
    assert tested.status == 0, tested.err
    assert 0 <= json.loads(tested.out)["metrics"]["test/accuracy"] <= 1
    assert command("predict", "--data.source", "people.csv").status == 0
    assert any(name.startswith("backbone.") for name in weights("runs/people/0"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--model.parameter_groups.decay", "2"], "above 0 and at most 1, but was given 2"),
        (["--model.parameter_groups", "LayerwiseDecy"], "Did you mean 'LayerwiseDecay'?"),
        (
            [*WAYS["gradual"], "--trainer.callbacks.every_n_epochs", "0"],
            "GradualUnfreezing needs every_n_epochs of at least 1, but was given 0",
        ),
        ([*WAYS["cached"], *WAYS["head first"]], "both decide when the backbone learns"),
        (["--model.optimizer", "LBFGS"], "which the optimizer LBFGS does not take"),
    ],
)
def test_mistakes_are_one_sentence_and_leave_no_run(command, config, words, told):
    outcome = command("fit", "--config", config, *RATES, *words)
    assert outcome.status == 2
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert told in line
    assert not list(Path("runs").glob("people/*"))


def test_pictures_and_losses_of_rows_are_of_the_rows_themselves(command, events):
    words = ["fit", "--config", "digits_resnet", "--trainer.max_epochs", "1"]
    words += ["--data.augment", "null", "--trainer.callbacks+=FeatureExtractor"]
    outcome = command(*words, "--trainer.callbacks+=RowLosses")
    assert outcome.status == 0, outcome.err
    (run,) = Path("runs").glob("*/0")
    shown = events(run)
    assert {"validation/worst", "validation/some"} <= set(shown.tags["images"])
    assert len(np.unique(shown.image("validation/some"))) > 10
    assert len((run / "label_noise.csv").read_text().splitlines()) > 1000
