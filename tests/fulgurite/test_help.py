"""Help in short form: true, narrow, and with no import of what trains."""

import subprocess
import sys

import pytest

from fulgurite.arguments import read_arguments
from fulgurite.commands import COMMANDS
from fulgurite.experiment import Experiment
from fulgurite.help import command_help, people_change, usage


def test_the_page_names_every_command():
    for name in COMMANDS:
        assert f"\n  {name} " in usage()
        assert COMMANDS[name].summary in usage()
    assert max(map(len, usage().splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_s_own_page(name):
    page = command_help(name)
    assert COMMANDS[name].example in page
    assert all(f"--{option}" in page for option in COMMANDS[name].options)
    assert max(map(len, page.splitlines())) <= 80


def test_what_people_change_are_settings_with_these_defaults(config):
    settings = people_change()
    assert 18 <= len(settings) <= 26
    resolved = Experiment(read_arguments(["--config", str(config)])).config
    full = {"data": "data.init_args", "model": "model.init_args"}
    for key, default, _ in settings:
        first, _, rest = key.partition(".")
        if not rest or default.isupper() or first == "model" or key == "data.source":
            continue
        if key in ("trainer.max_epochs", "data.batch_size") or key.startswith("data.split"):
            continue  # the config gives these
        path = f"{full.get(first, first)}.{rest}"
        path = path if path in resolved else f"{first}.init_args.{rest}"
        value = resolved[path]
        assert str(value) == default or (key == "trainer.precision" and value is None), key


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["fit", "--help"],
        ["list"],
        ["list", "losses"],
        ["version"],
        ["completion", "zsh"],
    ],
)
def test_it_is_told_without_torch(words):
    code = (
        "import sys; from fulgurite.__main__ import main; main(sys.argv[1:]);"
        "print([n for n in ('torch', 'lightning', 'polars', 'numpy', 'rich') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m fulgurite list callbacks | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""
