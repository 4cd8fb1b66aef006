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
