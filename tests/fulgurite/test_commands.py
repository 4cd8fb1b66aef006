"""What commands there are is what the program does."""

from fulgurite.__main__ import COMMON_FLAGS, FUNCTIONS
from fulgurite.commands import COMMANDS


def test_every_command_that_takes_settings_has_a_function():
    assert set(FUNCTIONS) == {name for name, command in COMMANDS.items() if command.trains}
    assert "--json" in COMMON_FLAGS
