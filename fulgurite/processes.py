"""Several processes of one run: the first speaks for all, and all end together.

The first process starts the others, which run the same command again. Where one of them dies, the
rest would wait for it in their next exchange of gradients, for half an hour. So the first looks
after those that it has started, and they look after it.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

PARENT = "FULGURITE_PARENT"
"""Tells the processes that the first one starts which process that is."""
INTERVAL = 0.1
"""Seconds between two looks at the others."""
GRACE = 2.0
"""Seconds that a process which fails waits for the first to say the same: a mistake in a config
meets all, and is told once."""
FAREWELL = 30.0
"""Seconds that the first process waits for the others when all is done."""


class Children:
    """The processes that this one has started, and the thread that looks after them."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self.dismissed = False

    def watch(self, processes: list[subprocess.Popen[bytes]]) -> None:
        """Look after processes from now on."""
        self.processes, self.dismissed = processes, False
        threading.Thread(target=self._watch, name="children", daemon=True).start()

    def dismiss(self) -> None:
        """Stop looking after them: they are about to be ended."""
        self.dismissed = True

    def end(self) -> None:
        """End those that still run."""
        self.dismiss()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
        for process in self.processes:
            process.wait()

    def wait(self, seconds: float) -> None:
        """Wait for all to end by themselves, and end those that do not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(p.poll() is None for p in self.processes):
            time.sleep(INTERVAL / 10)
        self.end()

    def end_with_the_dead(self) -> None:
        """End the whole run if one of them has died."""
        for place, process in enumerate(self.processes):
            status = process.poll()
            if status and not self.dismissed:
                self.end()
                leave(died(place + 1, len(self.processes) + 1, status))

    def _watch(self) -> None:
        while not self.dismissed and any(p.poll() != 0 for p in self.processes):
            self.end_with_the_dead()
            time.sleep(INTERVAL)


CHILDREN = Children()


def is_child() -> bool:
    """Tell whether this is a process that another of the same run has started."""
    return int(os.environ.get("LOCAL_RANK") or 0) > 0


def is_first() -> bool:
    """Tell whether this process speaks for the run, whoever has started it."""
    ranks = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
    return not any(int(os.environ.get(name) or 0) for name in ranks)


@contextmanager
def together() -> Iterator[None]:
    """Let all processes of a run end when one of them fails or is killed.

    What fails in the first process ends the others. What fails in another is told by the first
    where it meets the same, and else by itself, a moment later.
    """
    if is_child() and PARENT in os.environ:
        follow(int(os.environ[PARENT]))
    try:
        yield
    except BaseException as error:
        if is_child():
            time.sleep(GRACE)
        elif isinstance(error, RuntimeError):  # what an exchange raises that another has left
            _look_for_the_dead()
        CHILDREN.end()
        raise
    CHILDREN.wait(FAREWELL)


def follow(parent: int) -> None:
    """End this process as soon as another is gone that has started it.

    Args:
        parent: its number; where the process has another parent by now, it is gone already.
    """
    threading.Thread(target=_follow, args=(parent,), name="parent", daemon=True).start()


def died(place: int, count: int, status: int) -> str:
    """Say that a process has ended before its time.

    Args:
        place: of the process among all, from 0.
        count: how many processes the run has.
        status: as ``subprocess`` has it, negative for a signal.
    """
    how = f"with status {status}"
    if status < 0:
        name = signal.Signals(-status).name
        how = f"by {name}" + (", as where memory runs out" if name == "SIGKILL" else "")
    return f"Process {place} of {count} was ended {how}, so the whole run has ended."


def leave(why: str) -> NoReturn:
    """End this process from any thread, whatever it waits for."""
    show_cursor = "\x1b[?25h" if sys.stderr.isatty() else ""  # a bar may have hidden it
    print(f"{show_cursor}error: {why}", file=sys.stderr, flush=True)
    os._exit(1)


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    if os.environ.get("LOCAL_RANK") == "1":
        leave(f"Process 0 (PID {parent}) is gone, so the whole run has ended.")
    os._exit(1)  # one sentence is enough


def _look_for_the_dead() -> None:
    """Wait a moment: that the exchange failed is known before the process counts as dead."""
    deadline = time.monotonic() + 10 * INTERVAL
    while CHILDREN.processes and time.monotonic() < deadline:
        CHILDREN.end_with_the_dead()
        time.sleep(INTERVAL / 10)
