"""Sources of every form, through the real command: as flags, in YAML, and from a checkpoint."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
import yaml

from tests.datamodules.sources.site import serving


@pytest.fixture
def database(people: Path) -> str:
    """The people as a table of SQLite, beside another."""
    frame = pl.read_csv(people).select("age", "height", "city", "buys")
    with sqlite3.connect("people.db") as connection:
        connection.execute("CREATE TABLE people (age INT, height REAL, city TEXT, buys TEXT)")
        connection.execute("CREATE TABLE other (a)")
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", frame.rows())
    connection.close()
    return "sqlite:///people.db"


def saved(run: str = "runs/latest") -> Any:
    config = yaml.safe_load(Path(run, "config.yaml").read_text())
    return config["data"]["init_args"]


@pytest.mark.slow
def test_a_list_of_files_is_trained_tested_and_refused_as_output(command, config, people, tmp_path):
    frame = pl.read_csv(people)
    frame[:60].write_csv("a.csv")
    frame[60:].select(reversed(frame.columns)).write_csv("b.csv")
    done = command("fit", "--config", config, "--data.source", "[b.csv, a.csv]")
    assert done.status == 0, done.err
    assert "Read 120 rows of 2 files" in done.err
    assert saved()["source"] == [f"{tmp_path}/b.csv", f"{tmp_path}/a.csv"]
    assert json.loads(Path("runs/latest/provenance.json").read_text())["data"]["source"] == [
        "b.csv",
        "a.csv",
    ]
    assert command("test").status == 0
    turned = ("--data.source", "[a.csv, b.csv]")
    resumed = command("fit", "--resume", "last", "--trainer.max_epochs", "3", *turned)
    assert resumed.status == 0, resumed.err
    refused = command("predict", "--output", "a.csv")
    assert refused.status == 2
    assert "this is the source itself" in refused.err
    frame[:50].write_csv("a.csv")
    changed = command("test")
    assert changed.status == 0
    assert "WARNING: not the data of the training" in changed.err


def test_a_pattern_is_found_from_another_folder(command, config, people, monkeypatch):
    Path("parts").mkdir()
    pl.read_csv(people).write_csv("parts/a.csv")
    assert command("fit", "--config", config, "--data.source", "parts/*.csv").status == 0
    Path("else").mkdir()
    monkeypatch.chdir("else")
    assert command("test", "--ckpt_path", "../runs/latest").status == 0


@pytest.mark.slow
def test_a_database_says_which_flag_is_missing(command, config, database):
    asked = command("fit", "--config", config, "--data.source", database)
    assert asked.status == 2
    assert "data.query" in asked.err
    assert "--data.query 'SELECT * FROM other'" in asked.err
    query = "SELECT * FROM people WHERE age > 20"
    words = ("--data.source", database, "--data.query", query)
    assert command("fit", "--config", config, *words).status == 0
    assert saved()["query"] == query
    assert saved()["source"] == f"sqlite:///{Path.cwd()}/people.db"
    assert command("test").status == 0
    # a file is no database: the query of the training says nothing of it
    assert command("predict", "--data.source", "people.csv").status == 0
    assert len(pl.read_csv("runs/latest/predictions.csv")) == 120


def test_types_in_flags_reach_the_checkpoint(command, config):
    words = ("--data.schema.age", "category", "--data.schema.height", "text")
    assert command("fit", "--config", config, *words).status == 0
    assert saved()["schema"] == {"age": "category", "height": "text"}
    state = torch.load("runs/latest/checkpoints/last.ckpt", weights_only=True)
    told = state["datamodule_hyper_parameters"]["schema"]
    assert told == {"age": "category", "height": "text"}
    wrong = command("fit", "--config", config, "--data.schema.spends", "integer")
    assert "--data.schema.spends: row 1 (line 2) of 'people.csv' holds" in wrong.err


@pytest.mark.slow
def test_a_reader_in_flags_in_yaml_and_in_a_checkpoint(command, config, people, monkeypatch):
    rows = pl.read_csv(people).to_dicts()
    seen = []

    def answer(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        seen.append(headers.get("Authorization"))
        return 200, {}, json.dumps({"data": {"items": rows}}).encode()

    monkeypatch.setenv("TOKEN", "sesame")
    with serving() as site:
        site.answer = answer
        words = ("--data.reader", "JsonApi", "--data.reader.records", "data.items")
        header = ("--data.reader.headers.Authorization", "Bearer $TOKEN")
        url = ("--data.source", f"{site.url}/people")
        done = command("fit", "--config", config, *url, *words, *header)
        assert done.status == 0, done.err
        assert command("test").status == 0
    assert set(seen) == {"Bearer sesame"}
    reader = saved()["reader"]
    assert reader["class_path"] == "datamodules.sources.json_api.JsonApi"
    assert reader["init_args"]["headers"] == {"Authorization": "Bearer $TOKEN"}
    state = torch.load("runs/latest/checkpoints/last.ckpt", weights_only=True)
    told = state["datamodule_hyper_parameters"]["reader"]["init_args"]
    assert told["records"] == "data.items"
    assert command("predict", "--data.source", "people.csv").status == 0


@pytest.mark.slow
def test_a_password_stands_nowhere_in_a_run(command, config, people, monkeypatch):
    rows = json.dumps(pl.read_csv(people).to_dicts()).encode()
    with serving() as site:
        site.answer = lambda path, headers: (200, {}, rows)
        url = f"{site.url.replace('//', '//me:s3cret@')}/people"
        words = ["fit", "--config", str(config), "--data.source", url]
        monkeypatch.setattr("sys.argv", ["fulgurite", *words])
        done = command(*words)
        assert done.status == 0, done.err
        assert "s3cret" not in done.err + done.out
        files = [path for path in Path("runs/latest").rglob("*") if path.is_file()]
        assert len(files) > 4
        assert not [path for path in files if b"s3cret" in path.read_bytes()]
        again = command("test")
        assert "its password or key was masked when the run was saved" in again.err
        assert command("test", "--data.source", url).status == 0
