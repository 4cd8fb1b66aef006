"""The same work on many files at once, with a bar when it takes long."""

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from datamodules.progress import progress

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 32
"""Items a thread that are begun before the first of them is asked for."""


def in_threads(work: Callable[[Item], Result], items: Sequence[Item], title: str) -> list[Result]:
    """Return ``work(item)`` for each item, in order."""
    return list(each_in_threads(work, items, title))


def each_in_threads(
    work: Callable[[Item], Result], items: Sequence[Item], title: str
) -> Generator[Result, None, None]:
    """Yield ``work(item)`` for each item, in order, and keep few results that wait to be taken."""
    threads = min(16, (os.cpu_count() or 1) + 2)
    begun: deque[Future[Result]] = deque()
    with progress(title, len(items)) as bar, ThreadPoolExecutor(threads) as pool:
        for item in items:
            begun.append(pool.submit(work, item))
            if len(begun) >= AHEAD * threads:
                yield begun.popleft().result()
                bar.advance()
        while begun:
            yield begun.popleft().result()
            bar.advance()
