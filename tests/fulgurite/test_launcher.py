"""The first process starts the others under our watch."""

import os
import signal
import subprocess

import pytest

from fulgurite.launcher import Launcher, watched
from fulgurite.processes import CHILDREN, PARENT


def test_only_a_trainer_that_starts_processes_is_watched(trainer):
    assert type(watched(trainer(devices=2, strategy="ddp")).strategy.launcher) is Launcher
    assert watched(trainer(devices=1)).strategy.launcher is None


@pytest.fixture
def launcher(trainer, monkeypatch) -> Launcher:
    """A launcher that starts a process which ends at once."""
    started = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **how: started(["true"], **how))
    for name in ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOCAL_RANK", "WORLD_SIZE", PARENT):
        monkeypatch.setenv(name, "")  # put back what the launcher sets
        monkeypatch.delenv(name)
    launcher = watched(trainer(devices=2, strategy="ddp")).strategy.launcher
    assert isinstance(launcher, Launcher)
    return launcher


def test_the_others_are_told_which_process_is_the_first_and_leave_ctrl_c_to_it(
    launcher, monkeypatch
):
    handlers = []
    start = subprocess.Popen

    def noting(*args, **how):
        handlers.append(signal.getsignal(signal.SIGINT))
        return start(*args, **how)

    monkeypatch.setattr(subprocess, "Popen", noting)
    before = signal.getsignal(signal.SIGINT)
    assert launcher.launch(lambda: "done") == "done"
    assert os.environ[PARENT] == str(os.getpid())
    assert handlers == [signal.SIG_IGN]
    assert signal.getsignal(signal.SIGINT) == before
    assert [process.wait() for process in launcher.procs] == [0]


@pytest.mark.parametrize(
    ("signum", "sent"), [(signal.SIGTERM, [(os.getpid(), signal.SIGTERM)]), (signal.SIGKILL, [])]
)
def test_a_signal_to_end_ends_the_others_and_sigterm_this_process_too(
    launcher, monkeypatch, signum, sent
):
    launcher.launch(lambda: None)
    told = []
    handler = signal.getsignal(signal.SIGTERM)
    for process in launcher.procs:
        process.wait()
    monkeypatch.setattr(os, "kill", lambda *what: told.append(what))
    launcher.kill(signum)
    signal.signal(signal.SIGTERM, handler)
    assert told == sent
    assert CHILDREN.dismissed
