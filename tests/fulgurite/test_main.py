"""The command as a user meets it: words in, a status, a sentence or a table out."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

FEW = [f"--trainer.limit_{part}_batches=2" for part in ("train", "val", "test", "predict")]


def test_fit_validate_test_predict(command, config):
    for step in ("fit", "validate", "test", "predict"):
        words = ["--config", config] if step == "fit" else []
        outcome = command(step, *words, *FEW)
        assert outcome.status == 0, outcome.err
        assert "Traceback" not in outcome.err
        assert "Warning" not in outcome.err
    assert Path("runs/latest/predictions.csv").is_file()


@pytest.mark.slow
def test_json_is_all_that_is_printed(command, config):
    for step in ("fit", "validate", "test", "predict"):
        words = ["--config", config] if step == "fit" else []
        told = json.loads(command(step, "--json", *words, *FEW).out)
        assert isinstance(told, dict)
        assert all(isinstance(figure, float) for figure in told["metrics"].values())


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help_is_a_page(command, words):
    outcome = command(*words)
    assert outcome.status == 0
    for step in ("fit", "validate", "test", "predict", "board", "version"):
        assert f"\n  {step} " in outcome.out


@pytest.mark.parametrize("word", ["version", "--version"])
def test_version(command, word):
    assert command(word) == (0, f"fulgurite {version('fulgurite')}\n", "")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fitt"], "There is no command 'fitt'. Did you mean 'fit'?"),
        (["fit", "epochs"], "'epochs' is no flag: settings are given as --key value."),
        (["fit", "--config", "digit_cnn"], "Did you mean 'digits_cnn'"),
        (["fit", "--config", "broken.yaml"], "'broken.yaml' is not valid YAML in line 1"),
        (["fit"], "which data? Say --data TabularDataModule, TextDataModule"),
        (["test"], "There are no runs with a checkpoint below 'runs' yet"),
        (
            ["fit", "--config", "people", "--model.backbone", "TabularMPL"],
            "Did you mean 'TabularMLP'",
        ),
        (["fit", "--config", "people", "--model.backbone.widht", "3"], "Did you mean 'width'"),
        (["fit", "--config", "people", "--data.target", "buy"], "Did you mean 'buys'?"),
        (["fit", "--config", "people", "--model", "Regression"], "use Classification, or say"),
        (["fit", "--config", "people", "--trainer.accelerator", "tpu"], "has none that torch can"),
        (["fit", "--config", "people", "--model.optimizer.lr", "-1"], "Invalid learning rate"),
    ],
)
def test_a_mistake_ends_with_status_2_and_a_sentence(command, config, words, sentence):
    Path("broken.yaml").write_text("data: [")
    outcome = command(*words)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert "error: " in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_a_bug_keeps_its_traceback(command, config, monkeypatch):
    import fulgurite.fit

    monkeypatch.setattr(fulgurite.fit, "new_run", lambda name: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        command("fit", "--config", config)


def test_a_shipped_config_runs_from_another_folder(command):
    few = ["--trainer.limit_train_batches=1", "--trainer.limit_val_batches=1"]
    outcome = command("fit", "--config", "digits_cnn", "--trainer.max_epochs=1", *few)
    assert outcome.status == 0
    assert Path("runs/digits_cnn/0/checkpoints/best.ckpt").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("start", ["script", "module"])
def test_the_installed_command(config, start):
    scripts = Path(sys.executable).parent
    begin = {
        "script": [str(scripts / "fulgurite")],
        "module": [sys.executable, "-m", "fulgurite"],
    }[start]
    for shadow in ("callbacks", "configs", "datamodules"):  # the user's own, not ours
        Path(shadow).mkdir()
        Path(shadow, "__init__.py").touch()
    Path("my_model.py").write_text(
        "from lightning_modules.backbones.tabular_mlp import TabularMLP\n"
        "class MyNet(TabularMLP):\n"
        "    pass\n"
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*begin, *words], capture_output=True, text=True, check=False)

    fitted = run("fit", "--config", str(config), "--model.backbone", "my_model.MyNet", "--json")
    assert fitted.returncode == 0, fitted.stderr
    assert json.loads(fitted.stdout)["run"] == "runs/people/0"
    assert "Warning" not in fitted.stderr
    assert run("test", "--json").returncode == 0
    wrong = run("fit", "--config", "nowhere")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("error: There is no config 'nowhere'")
