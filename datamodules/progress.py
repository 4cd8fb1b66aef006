"""A bar for work that takes long, and nothing for work that does not."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0
"""Seconds of work before a bar appears."""

QUIET = "FULGURITE_QUIET"
"""Set for the processes of a run whose user wants to hear of nothing but errors and the outcome."""

_under_way: list["Work"] = []


class Work:
    """How far some work is.

    Args:
        title: what is done, such as ``"reading images"``.
        total: how many steps there are; ``None`` where that is not known, and the bar only moves.
        within: the work that this is a part of: its bar makes room for this one's.
    """

    def __init__(self, title: str, total: int | None = None, within: "Work | None" = None) -> None:
        self.title = title
        self.total = total
        self.done = 0
        self._within = within
        self._lock = threading.Lock()
        self._bar: Progress | None = None
        self._late = False
        self._behind = False
        self._over = False

    def advance(self, steps: int = 1) -> None:
        """Say that so many more steps are done; any thread may."""
        with self._lock:
            self.done += steps
            if self._bar is not None:
                self._bar.update(self._bar.task_ids[0], completed=self.done)

    def show(self) -> None:
        """Draw the bar, unless the work is over by now."""
        with self._lock:
            self._late = True
            if self._over or self._behind:
                return
            if self._within is not None:
                self._within.make_room()
            self._draw()

    def end(self) -> None:
        """Take the bar away."""
        with self._lock:
            self._over = True
            shown = self._bar is not None
            self._erase()
        if shown and self._within is not None:
            self._within.come_back()

    def make_room(self) -> None:
        """Take the bar away while that of a part is drawn: a terminal shows one at a time."""
        with self._lock:
            self._behind = True
            self._erase()
        if self._within is not None:
            self._within.make_room()

    def come_back(self) -> None:
        """Draw the bar again, if there was or would have been one."""
        with self._lock:
            self._behind = False
            if self._late and not self._over:
                self._draw()

    def _draw(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        # a share and the time that is left are known of what is counted alone
        chosen = Progress.get_default_columns() if self.total is not None else columns
        self._bar = Progress(*chosen, console=Console(stderr=True), transient=True)
        self._bar.add_task(self.title, total=self.total, completed=self.done)
        self._bar.start()

    def _erase(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Work]:
    """Show a bar on stderr once the work within takes over two seconds, where that is a terminal.

    Args:
        title: what is done.
        total: how many steps there are; ``None`` where that is not known.
    """
    work = Work(title, total, _under_way[-1] if _under_way else None)
    timer = threading.Timer(PATIENCE, work.show)
    timer.daemon = True
    if sys.stderr.isatty() and not os.environ.get(QUIET):
        timer.start()
    _under_way.append(work)
    try:
        yield work
    finally:
        _under_way.remove(work)
        timer.cancel()
        work.end()
