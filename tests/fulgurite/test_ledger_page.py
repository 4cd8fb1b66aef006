"""``fulgurite ledger``."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fulgurite.ledger import Ledger, Look

LOOK = Look(
    "2026-01-01", "test", "people/0", "a", "d", "t", 18, {"test/f1": 0.5}, {"test/accuracy": 0.1}
)


@pytest.fixture
def looked() -> None:
    ledger = Ledger(Path("runs"))
    ledger.append(LOOK)
    ledger.append(replace(LOOK, model="b", run="people/1"))
    ledger.append(replace(LOOK, model="c", figures={}, status="interrupted"))
    ledger.append(replace(LOOK, test_set="u"))


def test_looks_are_shown_by_test_set(command, looked):
    told = command("ledger").out
    assert "Test set t: 18 rows of data d, 2 looks\n" in told
    assert "Test set u: 18 rows of data d, 1 look\n" in told
    assert "  2  2026-01-01  test  people/1  test/f1 0.5\n" in told
    assert "  -  2026-01-01  test  people/0  interrupted\n" in told
    assert "The best of 2 equally good models looks too good" in told
    assert "Cawley & Talbot 2010" in told


def test_a_program_is_told_all(command, looked):
    with Path("runs/ledger.jsonl").open("a") as file:
        file.write("{")
    outcome = command("ledger", "runs", "--json")
    told = json.loads(outcome.out)
    first, other = told["test_sets"]
    assert [look["look"] for look in first["looks"]] == [1, 2, None]
    assert first["optimism"]["figures"]["test/accuracy"]["expected"] == pytest.approx(
        0.0564, abs=1e-4
    )
    assert (other["models"], other["optimism"]) == (1, None)
    assert len(told["passed_over"]) == 1
    assert outcome.err == ""
    assert "line 5 of 'runs/ledger.jsonl' is no whole look" in command("ledger").err


def test_where_nobody_has_looked(command):
    assert "Nobody has looked at a test set yet" in command("ledger").out
    assert json.loads(command("ledger", "--json").out)["test_sets"] == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere"], "There is no folder 'nowhere': ledger takes one that holds runs"),
        (["a", "b"], "ledger takes at most one folder that holds runs, such as 'runs', not 'a b'."),
        (["--since"], "not '--since'"),
    ],
)
def test_what_is_no_folder_of_runs_is_told(command, words, sentence):
    outcome = command("ledger", *words)
    assert outcome.status == 2
    assert sentence in outcome.err
