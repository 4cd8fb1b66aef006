"""The same work on many files at once, with a bar when it takes long."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from datamodules.progress import progress

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(work: Callable[[Item], Result], items: Sequence[Item], title: str) -> list[Result]:
    """Return ``work(item)`` for each item, in order."""
    results = []
    with (
        progress(title, len(items)) as bar,
        ThreadPoolExecutor(min(16, (os.cpu_count() or 1) + 2)) as pool,
    ):
        for result in pool.map(work, items):
            results.append(result)
            bar.advance()
    return results
