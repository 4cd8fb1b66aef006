"""What is kept of a cache, and what goes."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from datamodules.cache_folder import SPARE, cache_folder, cache_limit, make_room, say_used
from datamodules.errors import UserError
from datamodules.locks import alone, shared


def entry(name: str, size: int, used: int) -> Path:
    """An entry that was used at a time."""
    folder = Path("cache", name)
    folder.mkdir(parents=True)
    (folder / "values").write_bytes(b"0" * size)
    say_used(folder)
    os.utime(folder / "used", (used, used))
    return folder


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Three entries of 1000 bytes, the first of them the longest unused, and room for 3000."""
    monkeypatch.setenv("FULGURITE_CACHE_GB", str(3000e-9))
    return [entry(name, 1000, used) for name, used in (("c", 1), ("b", 2), ("a", 3))]


def test_the_folder_is_the_users_choice_or_the_platforms(monkeypatch):
    monkeypatch.setenv("FULGURITE_CACHE", "there")
    assert cache_folder() == Path("there").absolute()
    monkeypatch.delenv("FULGURITE_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache_folder() == Path("/xdg/fulgurite")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "fulgurite"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path.home() / "Library" / "Caches" / "fulgurite"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert cache_folder() == Path("/local/fulgurite")


def test_the_limit_is_a_number_of_gigabytes(monkeypatch):
    assert cache_limit() == 20_000_000_000
    monkeypatch.setenv("FULGURITE_CACHE_GB", "1.5")
    assert cache_limit() == 1_500_000_000
    for wrong in ("much", "-1", "inf", "nan"):
        monkeypatch.setenv("FULGURITE_CACHE_GB", wrong)
        with pytest.raises(UserError, match=f"FULGURITE_CACHE_GB is '{wrong}': it must be"):
            cache_limit()


@pytest.mark.parametrize(("needed", "left"), [(0, "cba"), (1, "ba"), (1001, "a"), (9000, "")])
def test_the_longest_unused_go_until_there_is_room(entries, needed, left):
    assert make_room(Path("cache"), needed)
    assert {path.name for path in Path("cache").iterdir()} == set(left)


def test_what_is_used_or_built_stays(entries):
    file = shared(entries[0] / "values")
    assert file is not None
    with alone(entries[1] / "lock", "building"):
        assert make_room(Path("cache"), 3000)
        assert {path.name for path in Path("cache").iterdir()} == {"c", "b"}
    os.close(file)
    make_room(Path("cache"), 3000)
    assert not list(Path("cache").iterdir())


def test_a_disk_that_is_nearly_full_counts_too(entries, monkeypatch):
    monkeypatch.delenv("FULGURITE_CACHE_GB")
    usage = shutil.disk_usage(".")

    def nearly_full(folder: Path):
        kept = sum(path.stat().st_size for path in folder.glob("*/values"))
        return usage._replace(free=SPARE + 3500 - kept)

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    assert make_room(Path("cache"), 500)
    assert len(list(Path("cache").iterdir())) == 3
    assert make_room(Path("cache"), 2000)
    assert [path.name for path in Path("cache").iterdir()] == ["a"]
    assert not make_room(Path("cache"), 5000)


def test_parts_of_dead_builders_go_and_those_of_living_ones_stay(entries):
    for path in entries[:2]:
        (path / "values.partial").touch()
    with alone(entries[1] / "lock", "building"):
        make_room(Path("cache"), 0)
    assert not (entries[0] / "values.partial").exists()
    assert (entries[1] / "values.partial").exists()
    assert (entries[0] / "values").exists()
