"""A table for a person, and one JSON object for a program."""

import json
from pathlib import Path

import torch

from fulgurite.report import Report, figures_of, finite_or_null, hint_lines, tell


def report() -> Report:
    return Report(
        "trained",
        facts={"run": Path("runs") / "a" / "0", "best_epoch": 3},
        figures={"train/loss": 0.5, "val/loss": 0.25, "val/accuracy": 0.98765, "test/loss": 1.0},
        next_steps=[("fulgurite test", "measure held-out rows")],
    )


def test_json_has_facts_and_figures_and_nothing_else(capsys):
    report().show(as_json=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0]) == {
        "run": "runs/a/0",
        "best_epoch": 3,
        "metrics": report().figures,
    }


def test_json_stays_json_when_a_run_diverged():
    text = Report("trained", figures={"val/loss": float("nan"), "a": float("inf")}).as_json()

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads(text, parse_constant=refuse) == {"metrics": {"val/loss": None, "a": None}}


def test_what_is_no_number_is_null():
    figures = {"a": 0.5, "b": float("nan"), "c": float("-inf")}
    assert finite_or_null(figures) == {"a": 0.5, "b": None, "c": None}


def test_a_person_reads_a_table_with_test_first_and_losses_last(capsys):
    report().show()
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines == [
        ["trained"],
        ["run", "runs/a/0"],
        ["best", "epoch", "3"],
        ["test/loss", "1"],
        ["val/accuracy", "0.9877"],
        ["val/loss", "0.25"],
        ["train/loss", "0.5"],
        ["What", "to", "try", "next"],
        ["fulgurite", "test", "#", "measure", "held-out", "rows"],
    ]


def test_notes_go_to_standard_error(capsys):
    tell(["left out 3 rows", "images of 1 x 8 x 8"])
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "data: left out 3 rows\ndata: images of 1 x 8 x 8\n"


def test_figures_are_plain_numbers():
    figures = figures_of({"a": torch.tensor(0.5), "b": 1})
    assert figures == {"a": 0.5, "b": 1.0}
    assert {type(figure) for figure in figures.values()} == {float}


def test_hints_stand_beside_their_commands_where_that_fits():
    steps = [("fulgurite test", "measure"), ("fulgurite predict --data.source FILE", "predict")]
    wide = hint_lines(steps, 80)
    assert wide[0] == "  fulgurite test                         # measure"
    assert hint_lines(steps, 40) == [
        "  # measure",
        "  fulgurite test",
        "  # predict",
        "  fulgurite predict --data.source FILE",
    ]
    assert hint_lines([], 80) == []
