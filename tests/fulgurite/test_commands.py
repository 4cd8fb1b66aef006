"""What commands there are is what the program does."""

import pytest

from fulgurite.__main__ import COMMON_FLAGS, FUNCTIONS
from fulgurite.commands import COMMANDS, SYNONYMS, unknown_command


def test_every_command_that_takes_settings_has_a_function():
    assert set(FUNCTIONS) == {name for name, command in COMMANDS.items() if command.trains}
    assert "--json" in COMMON_FLAGS


@pytest.mark.parametrize(
    ("name", "meant"), [("train", "fit"), ("tset", "test"), ("boards", "board")]
)
def test_a_command_that_there_is_not_is_told_with_the_one_that_is_meant(name, meant):
    assert f"There is no command '{name}'. Did you mean '{meant}'?" in str(unknown_command(name))


def test_what_other_programs_say_is_no_command_of_ours():
    assert not SYNONYMS.keys() & COMMANDS.keys()
    assert set(SYNONYMS.values()) <= COMMANDS.keys()
