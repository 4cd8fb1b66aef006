"""Processes that end together; these are small ones that train nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fulgurite.processes import PARENT, Children, died, is_child, is_first, together

RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    for name in (*RANKS, PARENT):
        monkeypatch.delenv(name, raising=False)


def test_one_process_speaks_for_itself():
    assert is_first()
    assert not is_child()


@pytest.mark.parametrize("name", RANKS)
def test_of_several_processes_the_first_speaks(monkeypatch, name):
    monkeypatch.setenv(name, "")  # as a script may leave it
    assert is_first()
    assert not is_child()
    monkeypatch.setenv(name, "0")
    assert is_first()
    monkeypatch.setenv(name, "1")
    assert not is_first()
    assert is_child() == (name == "LOCAL_RANK")


def test_the_end_of_a_process_is_told_with_its_cause():
    assert died(1, 2, -9) == (
        "Process 1 of 2 was ended by SIGKILL, as where memory runs out, so the whole run has ended."
    )
    assert "Process 3 of 4 was ended by SIGTERM, so" in died(3, 4, -15)
    assert "was ended with status 2, so" in died(1, 2, 2)


SCRIPT = """
import os, subprocess, sys, time
from fulgurite.processes import CHILDREN, together

with together():
    os.environ["{parent}"] = str(os.getpid())
    children = [
        subprocess.Popen([sys.executable, "-c", code], env=os.environ | {{"LOCAL_RANK": str(rank)}})
        for rank, code in enumerate({children!r}, start=1)
    ]
    CHILDREN.watch(children)
    print(*[child.pid for child in children], flush=True)
    {then}
"""
LONG = "time.sleep(60)"
CHILD = "import time\nfrom fulgurite.processes import together\nwith together():\n    "


def started(then: str, *children: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a process that starts others and then does something; return their numbers too."""
    script = SCRIPT.format(parent=PARENT, children=[CHILD + code for code in children], then=then)
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, [int(number) for number in process.stdout.readline().split()]


def ending(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what was written once all processes have ended: each holds the pipes open."""
    return process.communicate(timeout=8)


@pytest.mark.slow
def test_when_one_is_killed_the_first_ends_all_and_says_so():
    process, others = started(LONG, LONG, LONG)
    os.kill(others[1], signal.SIGKILL)
    assert ending(process)[1] == f"error: {died(2, 3, -9)}\n"
    assert process.returncode == 1


@pytest.mark.slow
def test_when_the_first_is_killed_the_others_end_and_one_says_so():
    process, _ = started(LONG, LONG, LONG)
    time.sleep(0.3)  # until they watch
    process.kill()
    told = ending(process)[1]
    assert told == f"error: Process 0 (PID {process.pid}) is gone, so the whole run has ended.\n"


@pytest.mark.slow
def test_one_that_is_started_when_the_first_is_gone_ends_at_once():
    script = "from fulgurite.processes import together\nimport time\nwith together(): " + LONG
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "LOCAL_RANK": "1", PARENT: "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | environment, capture_output=True, timeout=5
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: Process 0 (PID 1) is gone")


@pytest.mark.slow
def test_what_fails_in_the_first_ends_the_others_and_is_all_that_is_told():
    process, _ = started("raise SystemExit('no')", LONG)
    assert ending(process)[1] == "no\n"


@pytest.mark.slow
def test_what_fails_in_another_is_told_by_it_a_moment_later():
    process, _ = started(LONG, "raise SystemExit('no')")
    assert ending(process)[1] == f"no\nerror: {died(1, 2, 1)}\n"


@pytest.mark.slow
def test_the_first_waits_for_the_others_to_end_by_themselves():
    process, _ = started("pass", "time.sleep(0.5); print('done')")
    assert ending(process) == ("done\n", "")
    assert process.returncode == 0


def test_those_that_are_dismissed_may_die():
    children = Children()
    dead: Any = SimpleNamespace(poll=lambda: -9, wait=lambda: -9)
    children.processes = [dead]
    children.dismiss()
    children.end_with_the_dead()  # would leave this process otherwise
    children.wait(1.0)


@pytest.mark.slow
def test_a_failure_of_one_process_alone_is_raised():
    with pytest.raises(RuntimeError, match="mine"), together():
        raise RuntimeError("mine")
