"""No line of the ledger is lost or torn, and what is torn is passed over."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fulgurite.ledger import Ledger, Look

LOOK = Look("2026-01-01", "test", "people/0", "m1", "d", "t", 18, {"test/f1": 0.5}, {})
RUNS = Path("runs")
MANY = """
import sys
from dataclasses import replace
from pathlib import Path
from fulgurite.ledger import Ledger, Look
look = Look("", "test", "r" * 3000, "m", "d", "t", 18, {"test/f1": 0.5}, {})
for place in range(40):
    looks, notes = Ledger(Path("runs")).append(replace(look, model=f"{sys.argv[1]}-{place}"))
    assert looks[-1].model == f"{sys.argv[1]}-{place}" and not notes
"""


def test_what_is_added_is_read():
    second = replace(LOOK, model=None, figures={"test/f1": None}, status="failed")
    assert Ledger(RUNS).read() == ([], [])
    Ledger(RUNS).append(LOOK)
    assert Ledger(RUNS).append(second) == ([LOOK, second], [])
    assert len((RUNS / "ledger.jsonl").read_text().splitlines()) == 2


def test_a_torn_last_line_stays_and_is_told():
    ledger = Ledger(RUNS)
    ledger.append(LOOK)
    with ledger.path.open("a") as file:
        file.write('{"time": "20')
    before = ledger.path.read_bytes()
    looks, notes = ledger.append(LOOK)
    assert looks == [LOOK, LOOK]
    assert notes == ["line 2 of 'runs/ledger.jsonl' is no whole look and is passed over"]
    assert ledger.path.read_bytes().startswith(before + b"\n{")


@pytest.mark.parametrize(
    "line", ["[]", "3", "{}", "\x00\x00", LOOK.as_line().replace("18", '"18"'), "ü"]
)
def test_a_line_that_is_no_look_is_passed_over(line):
    Ledger(RUNS).append(LOOK)
    with Ledger(RUNS).path.open("ab") as file:
        file.write(line.encode("latin-1") + b"\n\n")
    looks, notes = Ledger(RUNS).read()
    assert (looks, len(notes)) == ([LOOK], 1)


def test_what_a_later_version_adds_to_a_line_is_no_fault():
    Ledger(RUNS).append(LOOK)
    path = Ledger(RUNS).path
    path.write_text(path.read_text().replace("{", '{"host": "a", ', 1))
    assert Ledger(RUNS).read() == ([LOOK], [])


@pytest.mark.slow
def test_processes_that_add_at_once_lose_nothing():
    words = [sys.executable, "-c", MANY]
    started = [subprocess.Popen([*words, str(place)]) for place in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    looks, notes = Ledger(RUNS).read()
    expected = {f"{process}-{place}" for process in range(3) for place in range(40)}
    assert {look.model for look in looks} == expected
    assert (len(looks), notes) == (120, [])
