"""A bar for work that takes long, and nothing for work that does not."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0
"""Seconds of work before a bar appears."""


class Work:
    """How far some work is.

    Args:
        title: what is done, such as ``"reading images"``.
        total: how many steps there are; ``None`` where that is not known, and the bar only moves.
    """

    def __init__(self, title: str, total: int | None = None) -> None:
        self.title = title
        self.total = total
        self.done = 0
        self._lock = threading.Lock()
        self._bar: Progress | None = None
        self._over = False

    def advance(self, steps: int = 1) -> None:
        """Say that so many more steps are done; any thread may."""
        with self._lock:
            self.done += steps
            if self._bar is not None:
                self._bar.update(self._bar.task_ids[0], completed=self.done)

    def show(self) -> None:
        """Draw the bar, unless the work is over by now."""
        from rich.console import Console
        from rich.progress import Progress

        with self._lock:
            if self._over:
                return
            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.add_task(self.title, total=self.total, completed=self.done)
            self._bar.start()

    def end(self) -> None:
        """Take the bar away."""
        with self._lock:
            self._over = True
            if self._bar is not None:
                self._bar.stop()


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Work]:
    """Show a bar on stderr once the work within takes over two seconds, where that is a terminal.

    Args:
        title: what is done.
        total: how many steps there are; ``None`` where that is not known.
    """
    work = Work(title, total)
    timer = threading.Timer(PATIENCE, work.show)
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        yield work
    finally:
        timer.cancel()
        work.end()
