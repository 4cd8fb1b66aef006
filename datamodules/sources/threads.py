"""The same work on many files at once, with a bar when it takes long."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 2.0
"""Seconds of work before a bar appears."""


def in_threads(work: Callable[[Item], Result], items: Sequence[Item], title: str) -> list[Result]:
    """Return ``work(item)`` for each item, in order.

    The bar goes to stderr, and only where that is a terminal.
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    bar = Progress(console=console, transient=True)
    task = bar.add_task(title, total=len(items))
    results = []
    shown, begun = False, time.monotonic()
    with ThreadPoolExecutor(min(16, (os.cpu_count() or 1) + 2)) as pool:
        try:
            for result in pool.map(work, items):
                results.append(result)
                bar.advance(task)
                late = time.monotonic() - begun > PATIENCE
                if late and console.is_terminal and not shown:
                    bar.start()
                    shown = True
        finally:
            if shown:  # stopping writes a line break even where nothing was shown
                bar.stop()
    return results
