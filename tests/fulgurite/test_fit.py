"""``fit``: the same seed gives the same weights, and a run folder holds what it made."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

SLOW = pytest.mark.slow


def names_in(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def weights(run: str = "runs/latest", name: str = "last") -> dict[str, torch.Tensor]:
    path = Path(run) / "checkpoints" / f"{name}.ckpt"
    state: dict[str, torch.Tensor] = torch.load(path, weights_only=True)["state_dict"]
    return state


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    assert first.keys() == second.keys()
    return all(second[name].equal(first[name]) for name in first)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_bit_by_bit(command, config):
    words = ["fit", "--config", config, "--model.backbone.dropout", "0.5"]
    for seed in ("3", "3", "4"):
        assert command(*words, "--seed_everything", seed).status == 0
    first, second, third = (weights(f"runs/people/{run}") for run in range(3))
    assert same(first, second)
    assert not same(first, third)


@pytest.mark.slow
def test_the_number_of_loader_processes_changes_nothing(command, config):
    words = ["fit", "--config", config, "--model.backbone.dropout", "0.5"]
    for workers in ("0", "2"):
        assert command(*words, "--data.workers", workers).status == 0
    assert same(weights("runs/people/0"), weights("runs/people/1"))


@pytest.mark.slow
@pytest.mark.parametrize("transform", ["RandomShift", "torchvision.transforms.v2.RandomErasing"])
def test_loader_processes_change_nothing_about_augmentation(command, transform):
    few = ["--trainer.limit_train_batches", "4", "--trainer.max_epochs", "2"]
    words = ["fit", "--config", "digits_cnn", "--data.augment", f"[{transform}]", *few]
    for workers in ("0", "2"):
        assert command(*words, "--data.workers", workers).status == 0
    assert same(weights("runs/digits_cnn/0"), weights("runs/digits_cnn/1"))


def test_a_run_folder_holds_what_the_run_made(command, config):
    outcome = command("fit", "--config", config)
    assert outcome.status == 0
    run = Path("runs/people/0")
    assert Path("runs/latest").readlink() == Path("people/0")
    names = {path.name.partition(".tfevents")[0] for path in run.rglob("*") if path.is_file()}
    assert {"config.yaml", "metrics.csv", "best.ckpt", "last.ckpt", "events.out"} <= names
    header, *lines = (run / "metrics.csv").read_text().splitlines()
    assert {"train/loss", "val/loss", "val/accuracy"} <= set(header.split(","))
    assert len(lines) >= 2
    assert yaml.safe_load((run / "config.yaml").read_text())["trainer"]["max_epochs"] == 2
    assert "runs/people/0" in outcome.out
    assert "data: 4 columns of numbers (" in outcome.err


@pytest.mark.slow
def test_the_config_of_a_run_starts_the_same_run(command, config):
    command("fit", "--config", config, "--model.optimizer.lr", "0.05")
    outcome = command("fit", "--config", "runs/people/0/config.yaml")
    assert outcome.status == 0
    assert same(weights("runs/people/0"), weights("runs/people/1"))


def test_the_report_is_of_the_best_epoch(command, config):
    words = ["--trainer.max_epochs", "6", "--model.optimizer.lr", "1", "--json"]
    told = json.loads(command("fit", "--config", config, *words).out)
    header, *lines = Path("runs/people/0/metrics.csv").read_text().splitlines()
    place = header.split(",").index("val/loss")
    losses = [float(line.split(",")[place]) for line in lines if line.split(",")[place]]
    assert len(losses) == 6
    assert told["best_epoch"] == losses.index(min(losses)) + 1
    assert told["metrics"]["val/loss"] == pytest.approx(min(losses))
    assert told["run"] == "runs/people/0"
    best = torch.load("runs/people/0/checkpoints/best.ckpt", weights_only=True)
    assert best["epoch"] + 1 == told["best_epoch"]


def test_tensorboard_shows_settings_figures_and_pictures(command, config, events):
    told = json.loads(command("fit", "--config", config, "--json").out)
    (file,) = Path("runs/people/0").glob("events.out.tfevents.*")
    read = events(file)
    settings = read.hyperparameters()
    assert settings["model.backbone"] == "TabularMLP"
    assert settings["model.optimizer.lr"] == 0.01
    assert settings["data.batch_size"] == 32
    assert settings["seed_everything"] == 0
    assert read.text("config").startswith("```yaml\ndata:\n  class_path: ")
    best = {name: f for name, f in told["metrics"].items() if name.startswith("val/")}
    assert best
    for name, figure in best.items():
        assert read.scalar(f"best/{name}")[-1][1] == pytest.approx(figure)
    curves = {"train/loss", "train/lr", *told["metrics"], *(f"best/{name}" for name in best)}
    assert set(read.tags["scalars"]) == curves
    assert {step for name in told["metrics"] for step, _ in read.scalar(name)} == {2, 5}
    assert read.tags["images"] == ["validation/confusion"]


@pytest.mark.slow
def test_pictures_are_of_the_rows_of_all_processes(command, config, events):
    begin = [sys.executable, "-m", "fulgurite", "fit", "--config", str(config)]
    two = ["--trainer.accelerator", "cpu", "--trainer.devices", "2", "--trainer.strategy", "ddp"]
    done = subprocess.run([*begin, *two], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = Path("runs/people/0").glob("events.out.tfevents.*")
    assert events(file).text("validation/worst").startswith("The worst of 18 validation rows, ")


def test_a_run_that_cannot_begin_leaves_nothing(command, run, config):
    assert command("fit", "--config", config, "--data.target", "buy").status == 2
    assert names_in("runs/people") == ["0"]
    assert Path("runs/latest").readlink() == Path("people/0")


@pytest.mark.slow
@pytest.mark.parametrize("what", ["early_stopping", "checkpoint"])
def test_a_figure_that_is_not_logged_is_told(command, config, what):
    outcome = command("fit", "--config", config, f"--{what}.monitor", "val/f2")
    assert outcome.status == 2
    assert outcome.err.splitlines()[-1].startswith("error: ")
    assert "val/f2" in outcome.err
    assert "val/f1" in outcome.err


def test_early_stopping_ends_a_run(command, config):
    words = ["--trainer.max_epochs", "50", "--early_stopping.patience", "2"]
    told = json.loads(
        command("fit", "--config", config, *words, "--model.optimizer.lr", "0", "--json").out
    )
    assert told["best_epoch"] == 1
    assert torch.load("runs/latest/checkpoints/last.ckpt", weights_only=True)["epoch"] == 2


@pytest.mark.slow
def test_without_validation_rows_the_last_weights_count(command, config):
    words = ["--data.split.val", "0", "--json"]
    told = json.loads(command("fit", "--config", config, *words).out)
    assert told["best_epoch"] == 2
    assert set(told["metrics"]) == {"train/loss"}
    assert names_in("runs/latest/checkpoints") == ["last.ckpt"]
    assert command("test").status == 0


def test_nothing_is_kept_where_the_user_wants_none(command, config):
    words = ["--checkpoint", "null", "--trainer.logger", "false"]
    outcome = command("fit", "--config", config, *words)
    assert outcome.status == 0
    assert names_in("runs/people/0") == [
        "check.json",
        "config.yaml",
        "data.json",
        "provenance.json",
        "result.json",
        "schema.yaml",
        "split.json",
    ]
    assert "fulgurite" not in outcome.out  # there is nothing to test or to look at
    assert not Path("runs/latest").exists()


def test_training_that_diverges_is_told(command, config):
    words = ["--model.optimizer", "SGD", "--model.optimizer.lr", "1e30"]
    outcome = command("fit", "--config", config, *words)
    assert outcome.status == 2
    assert "Training diverged: in its best epoch val/loss is nan." in outcome.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "precision",
    ["bf16-mixed", *(pytest.param(p, marks=SLOW) for p in ("bf16-true", "64-true", "32-true"))],
)
@pytest.mark.parametrize(
    "target", ["plan", *(pytest.param(name, marks=SLOW) for name in ("likes", "spends"))]
)
def test_a_run_has_the_precision_that_it_is_told(command, config, precision, target):
    task = ["--model", "Regression", "--model.backbone", "TabularMLP"] if target == "spends" else []
    words = [*task, "--data.target", target, "--trainer.precision", precision]
    outcome = command("fit", "--config", config, *words)
    if (target, precision) == ("spends", "bf16-true"):
        assert outcome.status == 2
        assert "the numbers of the target would keep three digits" in outcome.err
        return
    assert outcome.status == 0
    assert command("test").status == command("predict").status == 0
    dtype = {"bf16-true": torch.bfloat16, "64-true": torch.float64}.get(precision, torch.float32)
    assert {w.dtype for w in weights().values() if w.is_floating_point()} == {dtype}


def test_a_loss_that_does_not_fit_is_told(command, config):
    outcome = command("fit", "--config", config, "--model.loss", "MSELoss")
    assert outcome.status == 2
    assert "The loss MSELoss does not fit a binary target: of logits (3, 2)" in outcome.err


def test_a_run_that_fails_is_not_the_latest(command, run, config):
    assert command("fit", "--config", config, "--early_stopping.monitor", "val/f2").status == 2
    assert Path("runs/latest").readlink() == Path("people/0")


@pytest.mark.slow
def test_a_run_is_found_again_from_another_folder(command, config, tmp_path, monkeypatch):
    Path("lab").mkdir()
    Path("lab/own_net.py").write_text(
        "from lightning_modules.backbones.tabular_mlp import TabularMLP\n\n\n"
        "class OwnNet(TabularMLP):\n    pass\n"
    )
    text = config.read_text().replace("TabularMLP", "own_net.OwnNet")
    Path("lab/own.yaml").write_text(text)
    assert command("fit", "--config", "lab/own.yaml").status == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    monkeypatch.setattr(sys, "path", [p for p in sys.path if str(tmp_path) not in p])
    monkeypatch.delitem(sys.modules, "own_net")
    assert command("test", "--ckpt_path", "../runs/own/0").status == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "target"),
    [
        ("Classification", "plan"),
        pytest.param("Classification", "likes", marks=SLOW),
        pytest.param("Regression", "spends", marks=SLOW),
        ("Regression", "[spends, saves]"),
    ],
)
def test_every_kind_of_target_is_fitted_measured_and_predicted(command, config, model, target):
    words = ["--model", model, "--model.backbone", "TabularMLP", "--data.target", target]
    words += ["--data.separator", "|"] if target == "likes" else []
    for step in (["fit", "--config", config, *words], ["validate"], ["test"], ["predict"]):
        outcome = command(*step)
        assert outcome.status == 0, outcome.err
    assert len(Path("runs/latest/predictions.csv").read_text().splitlines()) == 121


@pytest.mark.slow
def test_a_user_s_class_beside_the_config_is_used(command, config, tmp_path):
    lab = tmp_path / "lab"
    lab.mkdir()
    shutil.move(config, lab / "people.yaml")
    (lab / "my_model_here.py").write_text(
        "from lightning_modules.backbones.tabular_mlp import TabularMLP\n"
        "class MyNet(TabularMLP):\n"
        "    def __init__(self, spec, size: int = 4):\n"
        "        super().__init__(spec, width=size, depth=1)\n"
    )
    words = ["--model.backbone", "my_model_here.MyNet", "--model.backbone.size", "6"]
    assert command("fit", "--config", "lab/people", *words).status == 0
    assert weights()["head.weight"].shape == (2, 6)
    assert command("test").status == 0


@pytest.mark.parametrize(
    "words", [["--trainer.max_steps", "2"], ["--trainer.limit_val_batches", "0"]]
)
def test_a_run_that_never_validates_is_no_error(command, config, words):
    outcome = command("fit", "--config", config, *words, "--json")
    assert outcome.status == 0, outcome.err
    assert set(json.loads(outcome.out)["metrics"]) == {"train/loss"}
    assert names_in("runs/people/0/checkpoints") == ["last.ckpt"]


def test_a_run_that_fails_before_its_first_step_leaves_nothing(command, config):
    assert command("fit", "--config", config, "--model.optimizer.lr", "-1").status == 2
    assert not list(Path("runs/people").iterdir())


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import sys\nsys.exit(3)", "'own_net.Net' cannot be imported: SystemExit: 3"),
        ("class Net(", "own_net.py, line 1: '(' was never closed"),
        ("raise RuntimeError('no GPU')", "cannot be imported: RuntimeError: no GPU"),
        ("Net = 7", "'own_net.Net' is 7, and no class"),
        (
            "from torch import nn\nclass Net(nn.Module):\n    def __init__(self, spec):\n"
            "        raise RuntimeError('shapes')",
            "--model.backbone: Net says: RuntimeError: shapes.",
        ),
    ],
)
def test_a_class_of_the_user_s_that_is_broken_is_told(
    command, config, monkeypatch, source, sentence
):
    Path("own_net.py").write_text(source + "\n")
    monkeypatch.delitem(sys.modules, "own_net", raising=False)
    outcome = command("fit", "--config", config, "--model.backbone", "own_net.Net")
    assert outcome.status == 2
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
