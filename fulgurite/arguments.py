"""What the user typed: configs merged, and short names turned into import paths."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from datamodules.errors import UserError
from fulgurite.configs import Loader, find_config, merged, read_config
from fulgurite.names import with_full_paths
from fulgurite.provenance import folders_of


@dataclass
class Arguments:
    """A command line, before anything heavy is imported.

    Attributes:
        configs: the files that ``--config`` named, in order.
        tree: their merged content, with import paths for short names.
        flags: all other flags, each as one word ``--key=value``.
    """

    configs: list[Path] = field(default_factory=list)
    tree: dict[str, Any] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)

    def pop(self, key: str) -> str | None:
        """Take a flag of the command's own out of the flags; the last one counts."""
        values = [flag.partition("=")[2] for flag in self.flags if flag.startswith(f"--{key}=")]
        self.flags = [flag for flag in self.flags if not flag.startswith(f"--{key}=")]
        return values[-1] if values else None

    def words(self) -> list[str]:
        """Return what the parser is given."""
        # a date, which YAML knows and JSON does not, becomes text again
        tree = json.dumps(self.tree, default=str)
        return [f"--config={tree}", *self.flags] if self.tree else self.flags


def read_arguments(words: list[str]) -> Arguments:
    """Read the words after the command.

    Raises:
        UserError: a config is not there or broken, or a word is no flag.
    """
    arguments = Arguments()
    for flag in _as_one_word(words):
        key, _, value = flag.partition("=")
        if key in ("--config", "-c"):
            path = find_config(value)
            arguments.configs.append(path)
            arguments.tree = merged(arguments.tree, with_full_paths(read_config(path)))
        else:
            arguments.flags.append(_resolved(key, value) if "=" in flag else flag)
    return arguments


def allow_users_modules(configs: list[Path]) -> None:
    """Let classes be imported from the working directory and from where the configs' users work.

    They come last: a user's folder called ``callbacks`` must not stand before ours.
    """
    folders = [Path.cwd(), *(folder for config in configs for folder in folders_of(config))]
    last = dict.fromkeys(map(str, folders))
    sys.path[:] = [*(entry for entry in sys.path if entry and entry not in last), *last]


def _as_one_word(words: list[str]) -> list[str]:
    """Join each flag with the value that follows it."""
    flags: list[str] = []
    for word in words:
        if word.startswith("--") or word == "-c":
            flags.append(word)
        elif flags and "=" not in flags[-1]:
            flags[-1] += f"={word}"
        else:
            raise UserError(f"'{word}' is no flag: settings are given as --key value.")
    return flags


def _resolved(key: str, value: str) -> str:
    """Return a flag with import paths, also within a value that is YAML of its own."""
    leaf = key.rstrip("+").rpartition(".")[2].removeprefix("--")
    if value.startswith(("{", "[")):
        try:
            parsed = yaml.load(value, Loader)
        except yaml.YAMLError as error:
            raise UserError(f"{key}: '{value}' is not valid YAML.") from error
        return f"{key}={json.dumps(with_full_paths(parsed, leaf), default=str)}"
    return f"{key}={with_full_paths(value, leaf)}"
