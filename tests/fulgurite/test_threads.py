"""Waiting threads sleep, unless the user wants them to spin."""

import os
import sys

from fulgurite.threads import let_waiting_threads_sleep


def test_waiting_threads_sleep_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    let_waiting_threads_sleep()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"

    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    let_waiting_threads_sleep()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


def test_once_torch_is_loaded_nothing_is_promised(monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    let_waiting_threads_sleep()
    assert "OMP_WAIT_POLICY" not in os.environ
