"""A bar that comes late and goes away."""

import io
import sys
import time

import pytest

import datamodules.progress
from datamodules.progress import Work, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def as_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    # not in a fixture: pytest puts a stream of its own there between set-up and test
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    return terminal


def test_short_work_shows_nothing(monkeypatch):
    terminal = as_terminal(monkeypatch)
    with progress("reading", 2) as work:
        work.advance()
    assert terminal.getvalue() == ""


def test_long_work_shows_its_title_and_how_far_it_is(monkeypatch):
    terminal = as_terminal(monkeypatch)
    monkeypatch.setattr(datamodules.progress, "PATIENCE", 0.0)
    with progress("reading", 4) as work:
        work.advance(3)
        until = time.monotonic() + 10
        while "75%" not in terminal.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
    assert "reading" in terminal.getvalue()
    assert "75%" in terminal.getvalue()


def test_nothing_is_drawn_where_nobody_looks(capsys, monkeypatch):
    monkeypatch.setattr(datamodules.progress, "PATIENCE", 0.0)
    with progress("reading"):
        time.sleep(0.1)
    assert capsys.readouterr().err == ""


def test_a_bar_that_comes_too_late_stays_away(monkeypatch):
    terminal = as_terminal(monkeypatch)
    work = Work("reading")
    work.end()
    work.show()
    assert terminal.getvalue() == ""


def drawn(terminal: Terminal, title: str) -> bool:
    """Wait until a title is drawn that was not before, and forget what was drawn."""
    until = time.monotonic() + 10
    while title not in terminal.getvalue() and time.monotonic() < until:
        time.sleep(0.01)
    found = title in terminal.getvalue()
    terminal.truncate(0)
    return found


def test_work_of_unknown_length_has_no_share(monkeypatch):
    terminal = as_terminal(monkeypatch)
    monkeypatch.setattr(datamodules.progress, "PATIENCE", 0.0)
    with progress("reading"):
        until = time.monotonic() + 10
        while "0:00:00" not in terminal.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
    assert "reading" in terminal.getvalue()
    assert "%" not in terminal.getvalue()


def test_a_bar_makes_room_for_that_of_a_part_and_comes_back(monkeypatch):
    terminal = as_terminal(monkeypatch)
    monkeypatch.setattr(datamodules.progress, "PATIENCE", 0.0)
    with progress("preparing"):
        assert drawn(terminal, "preparing")
        with progress("embedding", 4):
            assert drawn(terminal, "embedding")
            terminal.truncate(0)
            time.sleep(0.3)
            assert "preparing" not in terminal.getvalue()
        assert drawn(terminal, "preparing")
    terminal.truncate(0)
    time.sleep(0.3)
    assert terminal.getvalue() == ""


def test_a_part_that_is_soon_over_leaves_the_bar_alone(monkeypatch):
    terminal = as_terminal(monkeypatch)
    whole = Work("preparing")
    whole.show()
    part = Work("embedding", within=whole)
    part.end()
    part.show()
    assert drawn(terminal, "preparing")
    whole.end()
    assert "embedding" not in terminal.getvalue()


def test_nothing_is_drawn_for_one_who_wants_quiet(monkeypatch):
    terminal = as_terminal(monkeypatch)
    monkeypatch.setattr(datamodules.progress, "PATIENCE", 0.0)
    monkeypatch.setenv(datamodules.progress.QUIET, "1")
    with progress("reading"):
        time.sleep(0.1)
    assert terminal.getvalue() == ""
