"""How torch's threads wait for each other."""

import os
import sys

SPINS = "3000"
"""Turns that a thread waits before it sleeps: as fast as spinning where all cores are free."""


def let_waiting_threads_sleep() -> None:
    """Let threads that wait give up their core soon, unless the user's environment says otherwise.

    OpenMP's threads spin while they wait. Where another program needs one of the cores that they
    spin on, each of a small model's many short steps waits for a thread that does not run: training
    on two cores beside one busy program took ten times as long. The setting is read when torch is
    loaded, so it has to come before.
    """
    if "torch" not in sys.modules and "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
