"""``--resume``: the same run goes on, and nothing about it changes but its end."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
import torch
import yaml

from fulgurite.resume import _grows


def weights(run: str) -> dict[str, torch.Tensor]:
    path = Path(run) / "checkpoints" / "last.ckpt"
    state: dict[str, torch.Tensor] = torch.load(path, weights_only=True)["state_dict"]
    return state


def same(first: str, second: str) -> bool:
    one, other = weights(first), weights(second)
    return one.keys() == other.keys() and all(one[name].equal(other[name]) for name in one)


def killed(run: str) -> None:
    """Leave a run as a kill does: it never said how it ended."""
    Path(run, "result.json").unlink()


@pytest.fixture
def words(config) -> list[str]:
    """A run in which more is random than the order of the rows, with rates that follow its end."""
    random = ["--model.backbone.dropout", "0.5", "--model.schedule", "WarmupCosine"]
    return ["fit", "--config", str(config), *random]


def test_a_killed_run_goes_on_to_the_same_weights(command, words, monkeypatch):
    from callbacks.training_loss import TrainingLoss

    command(*words, "--trainer.max_epochs", "4")
    epoch_end = TrainingLoss.on_train_epoch_end

    def die(self, trainer, module):
        if trainer.current_epoch == 2:
            raise MemoryError
        epoch_end(self, trainer, module)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLoss, "on_train_epoch_end", die)
        with pytest.raises(MemoryError):
            command(*words, "--trainer.max_epochs", "4")
    outcome = command("fit", "--resume", "last", "--json")
    assert outcome.status == 0, outcome.err
    told = json.loads(outcome.out)
    assert told["run"] == "runs/people/1"
    assert same("runs/people/0", "runs/people/1")
    tables = [pl.read_csv(f"runs/people/{run}/metrics.csv") for run in (0, 1)]
    assert tables[1].equals(tables[0])
    best = json.loads(Path("runs/people/0/result.json").read_text())
    assert (told["best_epoch"], told["metrics"]) == (best["best_epoch"], best["metrics"])
    assert len(json.loads(Path("runs/people/1/provenance.json").read_text())["resumed"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("moment", [1, 3, 5])
def test_the_losses_of_rows_survive_an_interruption(command, words, monkeypatch, moment):
    """Within an epoch, at its end, and again in a later one, of three batches each."""
    from callbacks.training_loss import TrainingLoss

    words = [*words, "--trainer.callbacks+=RowLosses", "--trainer.max_epochs", "4"]
    command(*words)
    batch_end = TrainingLoss.on_train_batch_end

    def interrupt(self, trainer, module, outputs, batch, batch_idx):
        if trainer.global_step in (3 + moment, 4 + moment):
            os.kill(os.getpid(), signal.SIGINT)
        batch_end(self, trainer, module, outputs, batch, batch_idx)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLoss, "on_train_batch_end", interrupt)
        assert command(*words).status == 130
        assert command("fit", "--resume", "last").status == 130
    outcome = command("fit", "--resume", "last")
    assert outcome.status == 0, outcome.err
    tables = [Path(f"runs/people/{run}/label_noise.csv").read_text() for run in (0, 1)]
    assert tables[1] == tables[0]
    assert len(tables[0].splitlines()) == 85


@pytest.mark.parametrize("workers", ["0", pytest.param("2", marks=pytest.mark.slow)])
@pytest.mark.parametrize("moment", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (4, 5))])
def test_a_run_that_is_interrupted_within_an_epoch_goes_on(
    command, words, monkeypatch, moment, workers
):
    """Ctrl-C after the first batch of the second epoch, or in the third, of three batches each."""
    from callbacks.training_loss import TrainingLoss

    command(*words, "--trainer.max_epochs", "3", "--data.workers", workers)
    batch_end = TrainingLoss.on_train_batch_end

    def interrupt(self, trainer, module, outputs, batch, batch_idx):
        if trainer.global_step == 3 + moment:
            os.kill(os.getpid(), signal.SIGINT)
        batch_end(self, trainer, module, outputs, batch, batch_idx)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLoss, "on_train_batch_end", interrupt)
        outcome = command(*words, "--trainer.max_epochs", "3", "--data.workers", workers)
    assert outcome.status == 130
    assert "stopping after this step; once more stops at once" in outcome.err
    assert "trained (interrupted)" in outcome.out
    assert "fulgurite fit --resume runs/people/1" in outcome.out
    state = torch.load("runs/people/1/checkpoints/last.ckpt", weights_only=True)
    assert state["global_step"] == 3 + moment
    assert command("test").status == 0
    outcome = command("fit", "--resume", "last")
    assert outcome.status == 0, outcome.err
    assert "Warning" not in outcome.err
    assert same("runs/people/0", "runs/people/1")
    tables = [pl.read_csv(f"runs/people/{run}/metrics.csv") for run in (0, 1)]
    assert tables[1].equals(tables[0])


@pytest.mark.slow
def test_steps_between_two_checkpoints(command, words):
    every = ["--checkpoint.every_n_train_steps", "2", "--data.batch_size", "16"]
    every += ["--model.schedule", "null"]  # which would follow the number of steps
    command(*words, *every, "--trainer.max_steps", "5")
    assert torch.load("runs/people/0/checkpoints/last.ckpt", weights_only=True)["global_step"] == 5
    command("fit", "--resume", "last", "--trainer.max_steps", "12")
    command(*words, *every, "--trainer.max_steps", "12")
    assert same("runs/people/0", "runs/people/1")


@pytest.mark.slow
def test_a_finished_run_says_so_and_a_longer_one_goes_on(command, words):
    first = json.loads(command(*words, "--json").out)
    outcome = command("fit", "--resume", "people", "--json")
    assert outcome.status == 0
    assert "'runs/people/0' is finished after 2 epochs: all epochs; a larger" in outcome.err
    assert json.loads(outcome.out) == first
    outcome = command("fit", "--resume", "runs/people/0", "--trainer.max_epochs", "5", "--json")
    assert outcome.status == 0
    assert torch.load("runs/people/0/checkpoints/last.ckpt", weights_only=True)["epoch"] == 4
    assert not Path("runs/people/1").exists()
    config = yaml.safe_load(Path("runs/people/0/config.yaml").read_text())
    assert config["trainer"]["max_epochs"] == 5
    epochs = pl.read_csv("runs/people/0/metrics.csv").drop_nulls("val/loss")["epoch"]
    assert epochs.to_list() == [0, 1, 2, 3, 4]
    assert json.loads(outcome.out)["seconds"] >= first["seconds"]


@pytest.mark.slow
def test_the_rates_of_a_longer_run_are_those_of_its_new_end(command, words):
    command(*words, "--trainer.max_epochs", "2")
    command("fit", "--resume", "last", "--trainer.max_epochs", "4")
    rates = pl.read_csv("runs/people/0/metrics.csv")
    last = rates.drop_nulls("train/lr")["train/lr"].to_list()[2:]
    assert all(0 < later < earlier < 0.01 for earlier, later in itertools.pairwise(last))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (["--model.optimizer.lr", "0.5"], "--model.optimizer.lr: the run in 'runs/people/0' has"),
        (["--model.backbone", "FTTransformer"], "--model.backbone: the run in"),
        (["--data.batch_size", "7"], "cannot change to 7"),
        (["--trainer.max_epochs", "1"], "--trainer.max_epochs 1: the run has 2 already"),
        (["--config", "other.yaml"], "--seed_everything: the run in"),
        (["--init_from", "last"], "give one of them"),
        (["--data.sorce", "x"], "Did you mean 'source'"),
        (["--trainer.max_time", "00:01:00:00"], "the run has no such limit; it can only grow"),
    ],
)
def test_no_other_change_is_made(command, run, change, sentence):
    Path("other.yaml").write_text("seed_everything: 7")
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    outcome = command("fit", "--resume", "last", *change)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_other_data_under_the_same_name_are_refused(command, words):
    command(*words)
    lines = Path("people.csv").read_text().splitlines()
    Path("people.csv").write_text("\n".join(lines[:100]))
    killed("runs/people/0")
    outcome = command("fit", "--resume", "last")
    assert outcome.status == 2
    assert "these are not the data that the run was started with" in outcome.err


def test_a_run_that_was_stopped_early_is_finished(command, words):
    few = ["--trainer.max_epochs", "9", "--early_stopping.patience", "1"]
    command(*words, *few, "--model.optimizer.lr", "0", "--model.schedule", "null")
    outcome = command("fit", "--resume", "last", "--trainer.max_epochs", "20")
    assert "is finished after 2 epochs: stopped early" in outcome.err


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("people.csv", "cannot be read as a checkpoint: is it whole?"),
        ("nowhere", "There is no checkpoint or run folder 'nowhere'"),
        ("moved.ckpt", "lies in no run folder, so there is no run to go on with: --init_from"),
    ],
)
def test_what_is_no_run_is_told(command, run, given, sentence):
    Path("moved.ckpt").write_bytes((run / "checkpoints" / "last.ckpt").read_bytes())
    if given == "people.csv":
        (run / "checkpoints" / "last.ckpt").write_bytes(Path("people.csv").read_bytes())
        given = "last"
    outcome = command("fit", "--resume", given)
    assert outcome.status == 2
    assert sentence in outcome.err


@pytest.mark.parametrize(
    ("old", "new", "grows"),
    [
        (2, 3, True),
        (3, 2, False),
        (3, -1, True),
        (-1, 3, False),
        (None, 3, False),
        (3, None, True),
        ("00:00:01:00", "00:00:02:00", True),
        ("00:01:00:00", "00:00:02:00", False),
    ],
)
def test_which_end_is_further_away(old, new, grows):
    assert _grows(old, new) is grows


@pytest.mark.slow
def test_a_run_that_is_killed_in_the_middle_goes_on(words):
    begin = [sys.executable, "-m", "fulgurite"]
    process = subprocess.Popen([*begin, *words, "--trainer.max_epochs", "100000"])
    last = Path("runs/people/0/checkpoints/last.ckpt")
    deadline = time.monotonic() + 120
    while not last.is_file() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    epoch = torch.load(last, weights_only=True)["epoch"]
    # the limit of the run cannot shrink, but time can end it
    config = Path("runs/people/0/config.yaml")
    config.write_text(config.read_text().replace("max_epochs: 100000", f"max_epochs: {epoch + 3}"))
    done = subprocess.run([*begin, "fit", "--resume", "last"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert torch.load(last, weights_only=True)["epoch"] == epoch + 2
    assert not list(Path("runs").rglob("*.partial"))


@pytest.mark.slow
def test_a_source_that_has_moved_is_no_change(command, words):
    command(*words)
    Path("data").mkdir()
    Path("people.csv").rename("data/people.csv")
    more = ["--trainer.max_epochs", "3"]
    outcome = command("fit", "--resume", "last", "--data.source", "data/people.csv", *more)
    assert outcome.status == 0, outcome.err
    assert torch.load("runs/people/0/checkpoints/last.ckpt", weights_only=True)["epoch"] == 2


@pytest.mark.slow
def test_texts_need_the_files_of_their_tokenizer_no_more(command):
    tokenizers = pytest.importorskip("tokenizers", reason="needs fulgurite[text]")
    words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "good", "bad", "day"])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    Path("folder").mkdir()
    made.save("folder/tokenizer.json")
    texts = [f"{'good' if row % 2 else 'bad'} {'day ' * (row % 5)}{row}" for row in range(60)]
    pl.DataFrame({"text": texts, "good": [row % 2 for row in range(60)]}).write_csv("days.csv")
    typed = ["fit", "--data", "TextDataModule", "--data.source", "days.csv"]
    typed += ["--data.target", "good", "--data.tokenizer", "folder", "--model", "Classification"]
    typed += ["--model.backbone", "BagOfWords", "--trainer.enable_progress_bar", "false"]
    assert command(*typed, "--trainer.max_epochs", "3").status == 0
    assert command(*typed, "--trainer.max_epochs", "2").status == 0
    Path("folder").rename("gone")
    outcome = command("fit", "--resume", "last", "--trainer.max_epochs", "3")
    assert outcome.status == 0, outcome.err
    first, second = sorted(Path("runs").glob("*/[0-9]"))
    assert same(str(first), str(second))
