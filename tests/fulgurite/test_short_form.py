"""``--print_config``: the settings that give this run, and no others."""

from pathlib import Path

import pytest
import torch
import yaml

from fulgurite.configs import shipped_configs


def printed(command, *words: str) -> str:
    outcome = command("fit", *words, "--print_config")
    assert outcome.status == 0, outcome.err
    return str(outcome.out)


def test_it_is_as_short_as_what_was_given(command, config):
    words = [
        "--model.backbone.width",
        "16",
        "--early_stopping.patience",
        "3",
        "--checkpoint",
        "null",
    ]
    text = printed(command, "--config", str(config), *words, "--data.split.val", "0.2")
    assert yaml.safe_load(text) == {
        "data": {
            "class_path": "TabularDataModule",
            "init_args": {
                "source": "people.csv",
                "target": "buys",
                "batch_size": 32,
                "split": {"val": 0.2},
            },
        },
        "model": {
            "class_path": "Classification",
            "init_args": {
                "backbone": {"class_path": "TabularMLP", "init_args": {"width": 16, "depth": 1}},
                "optimizer": {"class_path": "AdamW", "init_args": {"lr": 0.01}},
            },
        },
        "trainer": {"max_epochs": 2, "enable_progress_bar": False},
        "early_stopping": {"patience": 3},
        "checkpoint": None,
    }
    assert not Path("runs").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_configs())
def test_it_gives_what_a_shipped_config_gives(command, name):
    words = ["--config", name, "--trainer.max_time", "00:00:10:00"]
    text = printed(command, *words)
    Path("again.yaml").write_text(text)
    assert printed(command, "--config", "again.yaml") == text
    full = [
        command("fit", *each, "--print_config=full").out
        for each in (words, ["--config", "again.yaml"])
    ]
    assert full[0] == full[1]


@pytest.mark.parametrize(
    "extra",
    [
        "--data.split.seed=3",
        pytest.param("--trainer.callbacks=[Timer]", marks=pytest.mark.slow),
    ],
)
def test_fed_back_it_gives_the_same_run(command, config, extra):
    words = ["--config", str(config), "--model.backbone.dropout", "0.5", extra]
    Path("again.yaml").write_text(printed(command, *words))
    for each in (words, ["--config", "again.yaml"]):
        assert command("fit", *each).status == 0
    first, second = (
        torch.load(f"runs/{name}/0/checkpoints/last.ckpt", weights_only=True)
        for name in ("people", "again")
    )
    assert all(second["state_dict"][k].equal(v) for k, v in first["state_dict"].items())


def test_a_wrong_config_is_told_and_not_printed(command, config):
    outcome = command("fit", "--config", config, "--model.backbone.wdth", "3", "--print_config")
    assert (outcome.status, outcome.out) == (2, "")
