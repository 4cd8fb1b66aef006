"""The words of a command that is given no settings of a run."""

from collections.abc import Mapping

from datamodules.errors import UserError, choices
from fulgurite.commands import COMMANDS


def read_options(command: str, words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the words that are no flags, and the flags with their values.

    Args:
        command: whose flags are known.
        words: as typed after it.

    Raises:
        UserError: a flag is not one of the command's, stands twice, or lacks its value.
    """
    known = COMMANDS[command].options
    plain: list[str] = []
    given: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            plain.append(word)
            continue
        name, has_value, value = word.removeprefix("--").partition("=")
        if name not in known:
            told = choices(f"--{name}", [f"--{flag}" for flag in known])
            raise UserError(f"{command} has no flag '--{name}'.{told}")
        if name in given:
            raise UserError(f"--{name} stands twice.")
        if _takes_value(known, name) and not has_value:
            value = next(rest, "--")
            if value.startswith("--"):
                raise UserError(f"--{name} needs a value: --{name} {known[name][0]}.")
        given[name] = value
    return plain, given


def _takes_value(known: Mapping[str, tuple[str, str]], name: str) -> bool:
    return bool(known[name][0])
