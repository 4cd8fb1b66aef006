"""A run says where it came from, and where its user's classes lie."""

import json
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from fulgurite.provenance import add_resume, folders_of, hardware, package_version


def told(run: str = "runs/people/0") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(run, "provenance.json").read_text())
    return found


def test_a_run_says_where_it_came_from(command, config, monkeypatch):
    monkeypatch.setattr("sys.argv", ["fulgurite", "fit", "--config", "my lab/a.yaml"])
    command("fit", "--config", config, "--seed_everything", "3")
    found = told()
    assert found["command"] == "fulgurite fit --config 'my lab/a.yaml'"
    assert found["packages"]["torch"] == version("torch")
    assert found["seed"] == 3
    assert found["data"]["source"] == "people.csv"
    assert len(found["data"]["fingerprint"]) == 16
    assert found["hardware"]["cores"] >= 1
    assert found["git"] is None
    state = torch.load("runs/people/0/checkpoints/best.ckpt", weights_only=True)
    assert found["data"]["fingerprint"] in str(state["TabularDataModule"])
    here = Path.cwd()
    assert folders_of(Path("runs/people/0/config.yaml")) == [here / "runs/people/0", here, here]


def test_changes_to_the_code_are_kept(command, config):
    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *who, *words], check=True, capture_output=True)

    git("init")
    git("add", "people.yaml")
    git("commit", "-m", "first")
    with config.open("a") as file:
        file.write("# changed\n")
    command("fit", "--config", config)
    found = told()["git"]
    assert (found["dirty"], found["changed"], len(found["sha"])) == (True, ["people.yaml"], 40)
    assert "people.csv" in found["untracked"]
    assert "+# changed" in Path("runs/people/0/changes.patch").read_text()


def test_a_resume_is_added(tmp_path):
    (tmp_path / "provenance.json").write_text('{"command": "first"}')
    add_resume(tmp_path)
    add_resume(tmp_path)
    found = told(str(tmp_path))
    assert found["command"] == "first"
    assert len(found["resumed"]) == 2


def test_what_the_machine_has():
    found = hardware()
    assert found["memory_gib"] is None or found["memory_gib"] > 0.1
    assert found["threads"] == torch.get_num_threads()
    assert package_version("no-such-package") is None


def test_a_config_outside_of_a_run_has_its_own_folder():
    assert folders_of(Path("lab/a.yaml")) == [Path.cwd() / "lab"]


def test_a_broken_file_says_nothing():
    Path("provenance.json").write_text("[1, 2")
    assert folders_of(Path("config.yaml")) == [Path.cwd()]
