"""One at a time, and what becomes of a lock whose file or holder goes."""

import os
import threading
from pathlib import Path

import pytest

from datamodules import locks
from datamodules.locks import alone, alone_or_not_at_all, in_use, shared

LOCK = Path("folder/lock")


def test_one_at_a_time():
    order = []

    def second() -> None:
        with alone(LOCK, "waiting"):
            order.append("second")

    with alone(LOCK, "working"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_a_lock_is_free_after_an_error():
    with pytest.raises(ZeroDivisionError), alone(LOCK, "working"):
        raise ZeroDivisionError
    with alone_or_not_at_all(LOCK) as free:
        assert free


def test_who_does_not_wait_is_told():
    with alone_or_not_at_all(LOCK) as first, alone_or_not_at_all(LOCK) as second:
        assert (first, second) == (True, False)
    with alone_or_not_at_all(LOCK) as first:
        assert first


def test_a_lock_on_a_file_that_was_removed_keeps_nobody_out():
    with alone_or_not_at_all(LOCK):
        LOCK.unlink()
        LOCK.parent.rmdir()
        with alone_or_not_at_all(LOCK) as free:
            assert free


def test_a_lock_that_was_had_of_a_file_that_is_gone_is_none(monkeypatch):
    lock = locks._lock
    removed: list[Path] = []

    def slow_lock(file: int, *, shared: bool) -> None:
        if not removed:  # another process removes the entry before this one has the lock
            LOCK.unlink()
            removed.append(LOCK)
        lock(file, shared=shared)

    monkeypatch.setattr(locks, "_lock", slow_lock)
    with alone_or_not_at_all(LOCK) as free:
        assert not free
    with alone(LOCK, "working"), alone_or_not_at_all(LOCK) as free:
        assert not free


def test_a_file_may_have_many_users():
    path = Path("values")
    path.write_bytes(b"0")
    assert not in_use(path)
    files = [shared(path), shared(path)]
    for file in files:
        assert in_use(path)
        assert file is not None
        os.close(file)
    assert not in_use(path)
    assert not in_use(Path("nowhere"))


def test_a_file_that_is_being_removed_cannot_be_used():
    path = Path("values")
    with alone(path, "removing"):
        assert shared(path) is None


def test_a_file_system_that_refuses_says_so():
    Path("file").write_bytes(b"")
    with pytest.raises(OSError, match=r"exists|directory"), alone(Path("file/lock"), "working"):
        pass
