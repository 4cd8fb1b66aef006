"""``fulgurite check``, and what every new run is told before it begins."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from fulgurite.check import FILE


@pytest.fixture
def leaking(config: Path, people: Path) -> Path:
    """The config, and a table in which the target stands twice."""
    frame = pl.read_csv(people)
    frame.with_columns(paid=pl.col("buys").replace({"yes": "1", "no": "0"})).write_csv(people)
    return config


def kinds(out: str) -> dict[str, str]:
    return {each["kind"]: each["severity"] for each in json.loads(out)["findings"]}


def test_a_table_with_the_line_that_mends_each(command, leaking):
    outcome = command("check", "--config", leaking)
    assert outcome.status == 0
    told = " ".join(outcome.out.split())
    assert "high target_leak 'paid' alone tells 100% of 'buys'" in told
    assert "-> data.leave_out: [paid]" in told
    assert "people.csv (" in told
    assert not Path("runs").exists()


def test_a_program_is_given_one_object(command, leaking):
    outcome = command("check", "--config", leaking, "--json")
    report = json.loads(outcome.out)
    leak = report["findings"][0]
    assert (leak["kind"], leak["severity"], leak["count"]) == ("target_leak", "high", 1)
    assert leak["advice"] == "data.leave_out: [paid]"
    assert len(leak["examples"]) == 3
    assert set(leak["examples"][0]) == {"row", "column", "value", "part"}
    assert sum(report["rows"].values()) == 120


def test_strict_fails_on_what_is_high_alone(command, leaking):
    assert command("check", "--config", leaking, "--strict").status == 1
    mended = ["--config", leaking, "--data.leave_out", "[paid]"]
    assert command("check", *mended, "--strict").status == 0


def test_a_page_is_written_whole(command, leaking):
    outcome = command("check", "--config", leaking, "--html", "page.html")
    assert outcome.status == 0
    page = Path("page.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "data.leave_out: [paid]" in page
    assert "page.html" in outcome.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--html", "nowhere/page.html"], "there is no folder 'nowhere'"),
        (["--html", "."], "this is a folder"),
        (["--data.source", "other.csv"], "other.csv"),
        (["--stric"], "--strict"),
    ],
)
def test_what_is_wrong_is_one_sentence(command, config, words, sentence):
    outcome = command("check", "--config", config, *words)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
    assert not Path("page.html").exists()


def test_images_that_cannot_be_read_are_a_finding(command, tmp_path, rng_images):
    Path("photos/cat/0.png").write_bytes(b"")
    words = ["--config", rng_images, "--json"]
    outcome = command("check", *words)
    (found,) = json.loads(outcome.out)["findings"]
    assert (found["kind"], found["severity"], found["count"]) == ("broken_images", "high", 1)
    assert found["examples"][0]["value"] == "cat/0.png: empty file"
    assert command("check", *words, "--strict").status == 1


@pytest.fixture
def rng_images() -> str:
    """A config for a folder of small images."""
    rng = np.random.default_rng(0)
    for row in range(24):
        path = Path(f"photos/{'cat' if row % 2 else 'dog'}/{row // 2}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (8, 8), dtype=np.uint8)).save(path)
    Path("photos.yaml").write_text(
        "data: {class_path: ImageDataModule, init_args: {source: photos}}\n"
        "model: {class_path: Classification, init_args: {backbone: ConvNet}}\n"
    )
    return "photos.yaml"


def test_a_new_run_is_told_what_is_severe_and_keeps_all(command, leaking):
    outcome = command("fit", "--config", leaking)
    assert outcome.status == 0
    assert outcome.err.count("'paid' alone tells") == 1
    found = json.loads(Path("runs/people/0", FILE).read_text())
    assert found["findings"][0]["kind"] == "target_leak"


@pytest.mark.slow
def test_a_resumed_run_is_not_told_again(command, leaking):
    command("fit", "--config", leaking)
    before = Path("runs/people/0", FILE).stat().st_mtime_ns
    more = ["--trainer.max_epochs", "3"]
    outcome = command("fit", "--config", leaking, "--resume", "last", *more)
    assert "'paid' alone tells" not in outcome.err
    assert Path("runs/people/0", FILE).stat().st_mtime_ns == before


def test_a_sound_run_is_told_nothing(command, config):
    outcome = command("fit", "--config", config, "--trainer.max_epochs", "1")
    assert "check:" not in outcome.err
    assert (Path("runs/people/0") / FILE).is_file()


@pytest.mark.slow
def test_of_two_processes_one_looks(leaking):
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    for name in ("LOCAL_RANK", "FULGURITE_RUN", "FULGURITE_PARENT"):
        environment.pop(name, None)
    words = ["fit", "--config", str(leaking), "--trainer.accelerator", "cpu"]
    done = subprocess.run(
        [sys.executable, "-m", "fulgurite", *words, "--trainer.devices", "2"],
        env=environment | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("'paid' alone tells") == 1
    found = json.loads((leaking.parent / "runs/people/0" / FILE).read_text())
    assert found["findings"][0]["kind"] == "target_leak"
