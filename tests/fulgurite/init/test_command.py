"""`fulgurite init`, and the config that it writes."""

import json
from pathlib import Path

import pytest
import yaml


@pytest.mark.slow
@pytest.mark.parametrize("target", ["buys", "spends", "likes", "spends,saves"])
def test_the_config_trains_at_once(command, people, target):
    wrote = command("init", "people.csv", "--target", target)
    assert wrote.status == 0
    assert "people.yaml" in wrote.out
    assert len(Path("people.yaml").read_text().splitlines()) <= 15
    done = command("fit", "--config", "people.yaml", "--trainer.max_epochs", "1")
    assert done.status == 0


def test_json_has_every_decision(command, people):
    told = json.loads(command("init", "people.csv", "--target", "buys", "--json").out)
    assert told["config"] == "people.yaml"
    assert {"data", "task", "backbone", "split", "length"} <= set(told)


def test_nothing_is_replaced_unless_asked(command, people):
    Path("mine.yaml").write_text("mine")
    words = ["init", "people.csv", "--target", "buys", "--out", "mine.yaml"]
    refused = command(*words)
    assert refused.status == 2
    assert "'mine.yaml' is there already" in refused.err
    assert Path("mine.yaml").read_text() == "mine"
    words[1] = "peple.csv"
    assert "There is no 'peple.csv'. Did you mean 'people.csv'" in command(*words).err
    words[1] = "people.csv"
    assert command(*words, "--force").status == 0
    assert yaml.safe_load(Path("mine.yaml").read_text())["data"]["target"] == "buys"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["people.csv"], "which column is to be predicted? Say --target, perhaps --target '"),
        (["people.csv", "--target", "buys", "--out", "/proc/a.yaml"], "it cannot be written"),
        (
            ["people.csv", "--target", "buys", "--task", "multilabel"],
            "say what separates them, such as --separator '|'",
        ),
        (
            ["people.csv", "--target", "bys"],
            "--target: people.csv has no column 'bys'. Did you mean 'buys'?",
        ),
        (["nobody.csv", "--target", "buys"], "There is no 'nobody.csv'"),
        (["people.csv", "--target", "buys", "--out", "no/a.yaml"], "there is no folder 'no'"),
        (
            ["people.csv", "--target", "buys", "--out", "a.txt"],
            "a config is a file such as 'a.yaml'",
        ),
        (
            ["people.csv", "--target", "height", "--task", "classification"],
            "or say --task regression if they are numbers",
        ),
        (
            ["people.csv", "--target", "buys", "--group", "plans"],
            "--group: people.csv has no column 'plans'",
        ),
    ],
)
def test_slips_leave_no_file(command, people, words, said):
    refused = command("init", *words)
    assert refused.status == 2
    assert said in refused.err
    assert "Traceback" not in refused.err
    assert not list(Path().glob("*.yaml"))


def test_the_name_follows_the_source(command, people, tmp_path):
    people.rename(tmp_path / "my people.2024.csv")
    assert command("init", "my people.2024.csv", "--target", "buys").status == 0
    assert (tmp_path / "my_people.yaml").exists()
