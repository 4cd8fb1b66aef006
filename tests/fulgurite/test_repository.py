"""The repository that a run was started in."""

import subprocess
from pathlib import Path

from fulgurite import repository
from fulgurite.repository import read_repository


def git(*words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", *who, *words], check=True, capture_output=True)


def test_where_there_is_none(monkeypatch):
    assert read_repository(Path.cwd()) is None
    monkeypatch.setenv("PATH", "")
    assert read_repository(Path.cwd()) is None


def test_before_the_first_commit():
    git("init")
    Path("a.py").write_text("a")
    found = read_repository(Path.cwd())
    assert found is not None
    assert (found.sha, found.changed, found.untracked, found.patch) == (None, [], ["a.py"], b"")


def test_a_clean_a_changed_and_a_large_change(monkeypatch):
    git("init")
    Path("a name.py").write_text("a\n")
    git("add", ".")
    git("commit", "-m", "first")
    clean = read_repository(Path.cwd())
    assert clean is not None
    assert clean.as_plain()["dirty"] is False
    Path("a name.py").write_text("b\n")
    changed = read_repository(Path.cwd())
    assert changed is not None
    assert changed.changed == ["a name.py"]
    assert b"+b" in changed.patch
    monkeypatch.setattr(repository, "SMALL", 10)
    large = read_repository(Path.cwd())
    assert large is not None
    assert large.as_plain() == {
        "sha": clean.sha,
        "dirty": True,
        "changed": ["a name.py"],
        "untracked": [],
        "patch_kept": False,
    }
