"""Where a run keeps what it makes."""

import os
from pathlib import Path

import pytest

from datamodules.errors import UserError
from fulgurite.processes import is_child
from fulgurite.run_folder import (
    VARIABLE,
    abandon,
    all_runs,
    discard,
    has_checkpoint,
    known_runs,
    new_run,
    point_latest_to,
    run_of,
)


@pytest.fixture(autouse=True)
def rank_zero(monkeypatch):
    """Put back what a run leaves in the environment."""
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv(VARIABLE, "")


def names_in(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def test_runs_of_a_name_are_numbered():
    assert [str(new_run("digits")) for _ in range(3)] == [f"runs/digits/{n}" for n in range(3)]
    assert str(new_run("other")) == "runs/other/0"
    Path("runs/digits/1").rmdir()
    Path("runs/digits/10").mkdir()
    Path("runs/digits/99 copy").mkdir()
    assert str(new_run("digits")) == "runs/digits/11"


def test_a_number_that_another_process_takes_is_passed_over(monkeypatch):
    mkdir = Path.mkdir

    def slower(self, *args, **kwargs):
        if self.name == "0" and not self.exists():
            mkdir(self)  # another process was faster
        mkdir(self, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", slower)
    assert str(new_run("digits")) == "runs/digits/1"


def test_other_processes_of_a_run_share_its_folder(monkeypatch):
    folder = new_run("digits")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert is_child()
    assert new_run("digits") == folder.absolute()
    assert names_in("runs/digits") == ["0"]


def test_latest_is_the_newest_run():
    for _ in range(2):
        point_latest_to(new_run("digits"))
    assert Path("runs/latest").resolve() == Path("runs/digits/1").absolute()
    point_latest_to(new_run("other"))
    assert Path("runs/latest").readlink() == Path("other/0")
    assert names_in("runs") == ["digits", "latest", "other"]


def test_only_an_empty_folder_is_discarded():
    first, second = new_run("digits"), new_run("digits")
    touch(f"{second}/config.yaml")
    discard(first)
    discard(second)
    assert names_in("runs/digits") == ["1"]


def test_a_run_that_kept_no_weights_is_told_from_one_that_did():
    touch("runs/a/0/config.yaml", "runs/a/1/checkpoints/notes.txt", "runs/a/2/checkpoints/x.ckpt")
    assert [has_checkpoint(Path("runs/a") / name) for name in "012"] == [False, False, True]


def test_the_runs_with_a_checkpoint_are_known_the_newest_last():
    assert known_runs() == []
    touch("runs/a/0/checkpoints/best.ckpt", "runs/a/10/checkpoints/last.ckpt")
    touch("runs/b/2/checkpoints/last.ckpt", "runs/c/0/config.yaml")
    os.utime("runs/a/10/checkpoints/last.ckpt", (1, 1))
    os.utime("runs/b/2/checkpoints/last.ckpt", (9e9, 9e9))
    point_latest_to(Path("runs/a/0"))
    assert [str(run) for run in known_runs()] == ["runs/a/10", "runs/a/0", "runs/b/2"]


def test_a_checkpoint_in_a_run_folder_has_its_config():
    touch("runs/a/0/checkpoints/best.ckpt", "runs/a/0/config.yaml", "plain/best.ckpt")
    point_latest_to(Path("runs/a/0"))
    run = Path("runs/a/0")
    assert run_of(run / "checkpoints" / "best.ckpt") == run
    assert run_of(Path("runs/latest/checkpoints/best.ckpt")) == run
    os.chdir("plain")
    assert run_of(Path("../runs/latest/checkpoints/best.ckpt")) == Path("../runs/a/0").resolve()
    os.chdir("..")
    assert run_of(Path("plain/best.ckpt")) is None


def test_the_newest_run_counts_whether_it_has_a_checkpoint_or_not():
    assert all_runs() == []
    touch("runs/a/0/config.yaml", "runs/a/0/checkpoints/last.ckpt", "runs/b/0/config.yaml")
    os.utime("runs/a/0/config.yaml", (5, 5))
    os.utime("runs/a/0/checkpoints/last.ckpt", (9, 9))
    os.utime("runs/b/0/config.yaml", (7, 7))
    point_latest_to(Path("runs/a/0"))
    assert all_runs()[-1] == Path("runs/a/0")
    os.utime("runs/b/0/config.yaml", (11, 11))
    assert all_runs()[-1] == Path("runs/b/0")
    assert known_runs() == [Path("runs/a/0")]


def test_a_run_that_ended_before_its_first_step_is_taken_back_whole():
    touch("runs/a/0/config.yaml", "runs/a/1/config.yaml", "runs/a/1/checkpoints/last.ckpt")
    abandon(Path("runs/a/0"))
    abandon(Path("runs/a/1"))
    assert names_in("runs/a") == ["1"]


def test_of_a_run_that_could_not_begin_no_folder_stays():
    discard(new_run("a"))
    assert names_in(".") == []
    new_run("b")
    discard(new_run("a"))
    assert names_in("runs") == ["b"]


def test_where_no_run_can_be_kept_is_told():
    Path("runs").touch()
    with pytest.raises(UserError, match=r"^No run can be kept in 'runs/a': "):
        new_run("a")
