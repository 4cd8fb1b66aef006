"""What is done within a look is written down once, however it ends."""

import json
from pathlib import Path

import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.examined import Examined
from fulgurite.ledger import Ledger, Look
from fulgurite.looks import Sight, folder_of_runs, model_digits, one_look

OF = Examined("d", "t", 18)
RUNS = Path("runs")


def looks() -> list[Look]:
    return Ledger(RUNS).read()[0]


def test_a_study_counts_once_whatever_is_measured_within():
    studies: list[Sight] = []
    for _ in range(2):
        with one_look(RUNS, "cv", "people/0", OF) as study:
            studies.append(study)
            for fold in "ab":
                with one_look(RUNS, "test", "people/0", OF, fold) as part:
                    part.figures = {"test/f1": 0.1}
                assert part.standing is None
                assert part.as_plain() == {"look": None, "optimism": None}
            study.figures = {"cv/f1": 0.2}
    assert [(look.command, look.model) for look in looks()] == [("cv", None)] * 2
    assert [study.as_plain()["look"] for study in studies] == [1, 2]
    assert studies[1].as_plain()["optimism"]["best_of"] == 2


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt, "interrupted"), (OSError, "failed")]
)
def test_what_ends_early_counts_if_figures_were_seen(error, status):
    def look(figures: dict[str, float]) -> None:
        with one_look(RUNS, "test", "people/0", OF, "m") as sight:
            sight.figures = figures
            raise error

    for figures in ({}, {"test/f1": float("nan")}):
        with pytest.raises(error):
            look(figures)
    assert [(look.status, look.counts) for look in looks()] == [(status, False), (status, True)]


def test_a_mistake_is_no_look():
    with pytest.raises(UserError), one_look(RUNS, "test", "people/0", OF):
        raise UserError("no rows")
    assert not RUNS.exists()


def test_other_processes_write_nothing(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    with one_look(RUNS, "test", "people/0", OF) as sight:
        sight.figures = {"test/f1": 0.1}
    assert not RUNS.exists()


def test_a_ledger_that_cannot_be_written_is_told():
    RUNS.write_text("in the way")
    with one_look(RUNS, "test", "people/0", OF) as sight:
        sight.figures = {"test/f1": 0.1}
    assert "this look is not counted, 'runs/ledger.jsonl' cannot be written" in sight.notes[0]
    assert sight.as_plain()["look"] is None


def test_a_model_is_known_by_its_weights():
    weights = {"b": torch.zeros(2, 3), "a": torch.tensor(3), "h": torch.ones(2).bfloat16()}
    same = dict(reversed(weights.items()))
    assert model_digits(weights) == model_digits(same)
    assert model_digits(weights) != model_digits({**weights, "b": torch.zeros(3, 2)})
    assert model_digits(weights) != model_digits({**weights, "a": torch.tensor(4)})
    assert model_digits({"b": torch.zeros(2, 3).T}) == model_digits({"b": torch.zeros(3, 2)})


def test_the_ledger_lies_beside_the_runs():
    assert folder_of_runs(Path("runs/people/0")) == RUNS
    assert folder_of_runs(Path("/else/runs/people/0")) == Path("/else/runs")
    assert folder_of_runs(Path("copy/0")) == RUNS
    assert folder_of_runs(None) == RUNS


def test_tests_are_counted_by_rows_and_model(command, run):
    first = json.loads(command("test", "--json").out)
    assert (first["look"], first["look_again"], first["optimism"]) == (1, False, None)
    again = command("test")
    assert "This is look 1 at this test set, had again" in again.out
    state = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
    for weights in state["state_dict"].values():
        weights.mul_(0)
    state["state_dict"]["head.bias"][0] = 1.0  # says the same of every row: right in some
    torch.save(state, run / "checkpoints" / "other.ckpt")
    words = ["--ckpt_path", run / "checkpoints" / "other.ckpt"]
    second = json.loads(command("test", *words, "--json").out)
    assert (second["look"], second["models"]) == (2, 2)
    rows, figure = second["rows"], second["metrics"]["test/accuracy"]
    said = second["optimism"]["figures"]["test/accuracy"]
    assert said["standard_error"] == pytest.approx((figure * (1 - figure) / rows) ** 0.5)
    assert set(second["optimism"]["figures"]) == {"test/accuracy", "test/loss", "test/auroc"}
    told = command("test", *words, "--quiet").out
    assert "look 2 of 2 at this test set, had again" in told
    assert "The best of 2 equally good models looks too good by chance" in told
    assert len(looks()) == 4


@pytest.mark.slow
def test_the_same_rows_under_another_name_are_the_same_test_set(command, run):
    frame = pl.read_csv("people.csv")
    frame.write_csv("copy.csv")
    held = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
    command("test")
    command("test", "--data.source", "copy.csv")
    rows = held["TabularDataModule"]["split"]["test"].tolist()
    frame[rows[::-1]].select(reversed(frame.columns)).write_parquet("held.parquet")
    command("test", "--data.source", "held.parquet")
    assert len({look.test_set for look in looks()}) == 1
    frame[rows[1:]].write_csv("fewer.csv")
    outcome = command("test", "--data.source", "fewer.csv")
    assert len({look.test_set for look in looks()}) == 2
    assert "This is look 1 at this test set, had again" in outcome.out
    assert "Some looks were at nearly the same rows, or had other columns." in outcome.out
    frame[rows].with_columns(note=pl.lit("new")).write_csv("wider.csv")
    command("test", "--data.source", "wider.csv")
    assert len({look.rows_of for look in looks()}) == 1


def test_neither_validation_nor_a_test_that_fails_is_a_look(command, run):
    command("validate")
    command("test", "--data.source", "nowhere.csv")
    assert not (RUNS / "ledger.jsonl").exists()
