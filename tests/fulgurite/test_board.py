"""Runs are found by name or path, and served to this machine until someone ends it."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from datamodules.errors import UserError
from fulgurite.board import board, event_folders, find_run, link_runs


def make_run(folder: str) -> Path:
    """Make a run folder with an event file."""
    path = Path(folder)
    path.mkdir(parents=True)
    (path / "events.out.tfevents.1.here").touch()
    return path.resolve()


@pytest.fixture
def runs() -> dict[str, Path]:
    """Three runs of two configs, and the latest of them."""
    made = {name: make_run(f"runs/{name}") for name in ("digits/0", "digits/1", "credit/0")}
    Path("runs/latest").symlink_to("digits/1")
    return made


def test_all_runs_are_shown_once(runs):
    assert event_folders([]) == runs


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["digits"], ["digits/0", "digits/1"]),
        (["digits/0"], ["digits/0"]),
        (["latest"], ["digits/1"]),
        (["runs/latest"], ["digits/1"]),
        (["runs/credit/0", "digits"], ["credit/0", "digits/0", "digits/1"]),
        (["digits", "digits/0", "latest"], ["digits/0", "digits/1"]),
    ],
)
def test_runs_are_found_by_name_and_path(runs, words, names):
    assert event_folders(words) == {name: runs[name] for name in names}


def test_a_run_elsewhere_is_shown_by_the_end_of_its_path(runs, tmp_path):
    elsewhere = make_run(str(tmp_path / "far" / "away" / "3"))
    assert event_folders([str(elsewhere), "digits/0"]) == {
        "away/3": elsewhere,
        "digits/0": runs["digits/0"],
    }


def test_a_run_that_is_not_there_is_told_with_the_nearest(runs):
    with pytest.raises(UserError) as caught:
        find_run("digit/1")
    assert "There is no run 'digit/1'. Did you mean 'digits/1'" in str(caught.value)
    valid = "Valid: 'credit', 'credit/0', 'digits', 'digits/0', 'digits/1', 'latest'."
    assert str(caught.value).endswith(valid)


def test_a_run_without_curves_is_told(runs):
    Path("runs/other/0").mkdir(parents=True)
    with pytest.raises(UserError, match="'other' holds no curves"):
        event_folders(["other"])


def test_no_runs_at_all_are_told():
    with pytest.raises(UserError, match="There are no runs below 'runs' yet"):
        event_folders([])


def test_links_lead_to_the_runs_and_new_ones_are_added(runs, tmp_path):
    folder = tmp_path / "shown"
    folder.mkdir()
    link_runs({"digits/0": runs["digits/0"]}, folder)
    link_runs(runs, folder)
    links = {str(link.relative_to(folder)) for link in folder.rglob("*") if link.is_symlink()}
    assert links == set(runs)
    assert (folder / "digits" / "0").resolve() == runs["digits/0"]


def test_a_file_system_without_links_is_told(runs, tmp_path, monkeypatch):
    def refuse(self, target, target_is_directory=False):
        raise OSError(1, "not permitted")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    with pytest.raises(UserError, match=r"not permitted.*tensorboard --logdir"):
        link_runs(runs, tmp_path)


def test_runs_that_begin_meanwhile_are_shown_until_someone_ends_it(runs, monkeypatch, capsys):
    shown = []

    def launch(folder):
        shown.append(Path(folder))
        return "http://127.0.0.1:6006/"

    def sleep(seconds):
        links = {str(p.relative_to(shown[0])) for p in shown[0].glob("*/*")}
        if "digits/2" in links:
            raise KeyboardInterrupt
        make_run("runs/digits/2")

    monkeypatch.setattr("fulgurite.board._launch", launch)
    monkeypatch.setattr("fulgurite.board.time.sleep", sleep)
    monkeypatch.setattr("fulgurite.board.signal.signal", lambda *given: None)
    board(["digits"])
    told = capsys.readouterr().out
    assert told == "TensorBoard of 2 runs: http://127.0.0.1:6006/  (Ctrl-C ends it)\n\n"
    assert not shown[0].exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["digit"], "There is no run 'digit'. Did you mean 'digits'"),
        (["--port", "3"], "board takes no flags such as '--port'"),
    ],
)
def test_a_mistake_ends_with_status_2(command, runs, words, sentence):
    outcome = command("board", *words)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert outcome.out == ""


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_a_run_and_ends_cleanly(run, ending):
    code = (
        "import sys; from fulgurite.__main__ import main\n"
        "try: main(['board', 'latest'])\n"
        "finally: print('torch' in sys.modules)\n"
    )
    served = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert served.stdout is not None
    line = served.stdout.readline()
    assert line.startswith("TensorBoard of people/0: http://127.0.0.1:")
    address = line.split()[3]
    found: list[str] = []
    for _ in range(100):
        with urllib.request.urlopen(f"{address}data/runs") as answer:
            found = json.load(answer)
        if found:
            break
        time.sleep(0.2)
    assert found == ["people/0"]
    served.send_signal(ending)
    out, err = served.communicate(timeout=60)
    assert (served.returncode, out.split(), err) == (0, ["False"], "")
