"""Waiting threads sleep, unless the user wants them to spin."""

import os
import sys

from fulgurite.threads import let_waiting_threads_sleep


def test_waiting_threads_sleep_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    let_waiting_threads_sleep()
    assert os.environ["GOMP_SPINCOUNT"] == "3000"

    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    let_waiting_threads_sleep()
    assert os.environ["GOMP_SPINCOUNT"] == "7"

    monkeypatch.delenv("GOMP_SPINCOUNT")
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    let_waiting_threads_sleep()
    assert "GOMP_SPINCOUNT" not in os.environ


def test_once_torch_is_loaded_nothing_is_promised(monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    let_waiting_threads_sleep()
    assert "GOMP_SPINCOUNT" not in os.environ
