"""A run says where it came from, and where its user's classes lie."""

import json
from importlib.metadata import version
from pathlib import Path

from fulgurite.provenance import folders_of, write_provenance


def test_a_run_says_where_it_came_from(monkeypatch):
    monkeypatch.setattr("sys.argv", ["fulgurite", "fit", "--config", "my lab/a.yaml"])
    run = Path("run")
    run.mkdir()
    write_provenance(run, [Path("my lab/a.yaml")])
    told = json.loads((run / "provenance.json").read_text())
    assert told["command"] == "fulgurite fit --config 'my lab/a.yaml'"
    assert told["packages"]["torch"] == version("torch")
    here = Path.cwd()
    assert folders_of(run / "config.yaml") == [here / "run", here, here / "my lab"]


def test_a_config_outside_of_a_run_has_its_own_folder():
    assert folders_of(Path("lab/a.yaml")) == [Path.cwd() / "lab"]


def test_a_broken_file_says_nothing():
    Path("provenance.json").write_text("[1, 2")
    assert folders_of(Path("config.yaml")) == [Path.cwd()]
