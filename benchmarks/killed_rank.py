"""What becomes of a run of two processes when one of them is killed.

``python -m benchmarks killed-rank [--times 20]`` kills, by turns, the first process and the one
that it started, by turns while the second is starting, while it joins and in training. The run has
to end within seconds, leave no process behind, and say what happened in one sentence.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

VICTIMS = ("first", "second")
MOMENTS = ("starting", "joining", "training")
PATIENCE = 60.0
"""Seconds after which a run counts as hanging."""
FLAGS = ["--trainer.accelerator", "cpu", "--trainer.devices", "2", "--trainer.strategy", "ddp"]
ENDLESS = ["--trainer.max_epochs", "1000", "--early_stopping", "null"]


class Ending(NamedTuple):
    """How a run ended.

    Attributes:
        seconds: from the kill to the end of its last process.
        orphans: processes that were still there after ``PATIENCE``.
        status: of the command, negative for a signal.
        told: what it wrote to standard error, but for notes and epochs.
    """

    seconds: float
    orphans: int
    status: int | None
    told: list[str]


def run(words: list[str]) -> None:
    """Kill as often as is asked for, and print the table."""
    times = int(words[words.index("--times") + 1]) if "--times" in words else 20
    endings: dict[tuple[str, str], list[Ending]] = {}
    for number in range(times):
        victim, moment = VICTIMS[number % 2], MOMENTS[number // 2 % 3]
        ending = killed(victim, moment)
        endings.setdefault((victim, moment), []).append(ending)
        print(f"{number + 1}/{times}  {victim}, {moment}: {ending}", file=sys.stderr)
    print("| killed | while | times | seconds, median | most | orphans | told in one sentence |")
    print("|---|---|---|---|---|---|---|")
    for (victim, moment), of_these in sorted(endings.items()):
        print(f"| {victim} | {moment} | {_row(of_these)} |")
    print(f"| all | | {_row([ending for those in endings.values() for ending in those])} |")


def killed(victim: str, moment: str, config: str = "digits_cnn") -> Ending:
    """Start a run, kill one of its processes, and watch how it ends.

    Args:
        victim: one of ``VICTIMS``.
        moment: one of ``MOMENTS``.
        config: what is trained.
    """
    command = [sys.executable, "-m", "fulgurite", "fit", "--config", config, *FLAGS, *ENDLESS]
    # names of ours are importable from here; the run itself is written to a folder of its own
    path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder, Path(folder, "err").open("w+") as told:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=told,
            start_new_session=True,
        )
        try:
            second = _wait_for(moment, process.pid, Path(folder, "err"))
            begun = time.monotonic()
            os.kill(process.pid if victim == "first" else second, signal.SIGKILL)
            while (left := _alive(process)) and time.monotonic() - begun < PATIENCE:
                time.sleep(0.02)
            seconds = time.monotonic() - begun
        finally:
            _end_session(process)
        lines = Path(folder, "err").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("data:", "epoch"))]
    return Ending(seconds, len(left), process.returncode, kept)


def _wait_for(moment: str, session: int, told: Path) -> int:
    """Return the number of the second process once the moment has come."""
    deadline = time.monotonic() + 2 * PATIENCE
    second = 0
    while time.monotonic() < deadline:
        second = second or next((n for n in _members(session) if _is_second(n)), 0)
        if second and moment != "training":
            time.sleep(0 if moment == "starting" else 3)
            return second
        if second and "epoch   2" in told.read_text():
            return second
        time.sleep(0.02)
    raise SystemExit(f"The run did not come to {moment}: {told.read_text()}")


def _is_second(process: int) -> bool:
    try:
        return b"LOCAL_RANK=1" in Path(f"/proc/{process}/environ").read_bytes()
    except OSError:
        return False


def _members(session: int) -> list[int]:
    """Return the processes of a session, as Linux lists them, but for those that have ended."""
    members = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if int(of) == session and state != "Z":
            members.append(int(folder.name))
    return members


def _alive(process: subprocess.Popen[bytes]) -> list[int]:
    process.poll()
    return _members(process.pid)


def _end_session(process: subprocess.Popen[bytes]) -> None:
    for member in _members(process.pid):
        os.kill(member, signal.SIGKILL)
    process.wait()


def _row(endings: list[Ending]) -> str:
    seconds = [ending.seconds for ending in endings]
    told = sum(len(e.told) == 1 and e.told[0].startswith("error: ") for e in endings)
    orphans = sum(ending.orphans for ending in endings)
    median, most = statistics.median(seconds), max(seconds)
    return f"{len(endings)} | {median:.2f} | {most:.2f} | {orphans} | {told} of {len(endings)}"
