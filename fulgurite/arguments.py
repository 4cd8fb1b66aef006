"""What the user typed: configs and flags as one tree, with short names turned into import paths."""

import copy
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from datamodules.errors import UserError, unknown
from fulgurite import origins
from fulgurite.commands import COMMON
from fulgurite.configs import SUFFIXES, Loader, find_config, read_config, shipped_configs
from fulgurite.kinds import KINDS, classes_of, our_classes
from fulgurite.names import unknown_names, with_full_paths
from fulgurite.provenance import folders_of
from fulgurite.split_paths import shares_in, with_split_path
from fulgurite.tree import KeyPath, init_args, merged, normal, put


@dataclass(frozen=True)
class Arguments:
    """A command line, before anything heavy is imported. Flags win over configs.

    Attributes:
        configs: the files that ``--config`` named, in order.
        flags: the dotted names of the settings that were typed, with their values, in order.
        options: flags that are the command's own and no settings of a run.
        accepted: the names of all flags of the command's own.
        base: what lies below the configs, such as the settings of a checkpoint.
    """

    configs: tuple[Path, ...] = ()
    flags: tuple[tuple[str, Any], ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    accepted: tuple[str, ...] = ()
    base: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def tree(self) -> dict[str, Any]:
        """All of them merged, with import paths for short names."""
        tree = copy.deepcopy(self.base)
        for config in self.configs:
            tree = merged(tree, with_full_paths(normal(read_config(config))))
        for key, value in _with_shares(tree, self.flags):
            put(tree, key.split("."), _with_what_fits(tree.get(key), copy.deepcopy(value)))
        return with_split_path(tree)

    @property
    def typed(self) -> dict[str, Any]:
        """What the flags alone say, as a tree."""
        return replace(self, configs=(), base={}).tree

    def words(self) -> list[str]:
        """Return what the parser is given."""
        # a date, which YAML knows and JSON does not, becomes text again
        return [f"--config={json.dumps(self.tree, default=str)}"] if self.tree else []

    def where(self, path: KeyPath) -> str:
        """Return how a person finds the setting that was given last for a path."""
        return origins.where(path, [key for key, _ in self.flags], list(self.configs))


def read_arguments(words: list[str], options: Collection[str] = ()) -> Arguments:
    """Read the words after the command.

    Args:
        words: as typed.
        options: flags of the command's own.

    Raises:
        UserError: a config is not there or broken, a word is no flag, or a short name stands for no
            class.
    """
    configs: list[Path] = []
    flags: list[tuple[str, Any]] = []
    own: dict[str, str] = {}
    for flag in _as_one_word(words):
        key, given, value = flag.removeprefix("--").partition("=")
        if key in ("config", "-c"):
            if not value:
                raise UserError("--config needs a name or a file, such as --config digits_cnn.")
            configs.append(find_config(value))
        elif key in options:
            own[key] = value
        else:
            flags.append((key, _value(key, value) if given else True))
    arguments = Arguments(tuple(configs), tuple(flags), own, (*options, *COMMON))
    _refuse_unknown_names(arguments)
    return arguments


def allow_users_modules(configs: Sequence[Path]) -> None:
    """Let classes be imported from the working directory and from where the configs' users work.

    They come last: a user's folder called ``callbacks`` must not stand before ours.
    """
    folders = [Path.cwd(), *(folder for config in configs for folder in folders_of(config))]
    last = dict.fromkeys(map(str, folders))
    sys.path[:] = [*(entry for entry in sys.path if entry and entry not in last), *last]


def _as_one_word(words: list[str]) -> Iterator[str]:
    """Join each flag with the value that follows it."""
    flag: str | None = None
    for word in words:
        if word.startswith("--") or word == "-c":
            if flag is not None:
                yield flag
            flag = word
        elif flag is not None and "=" not in flag:
            yield f"{flag}={word}"
            flag = None
        else:
            raise UserError(
                f"'{word}' is no flag: settings are given as --key value.{_meant_by(word)}"
            )
    if flag is not None:
        yield flag


def _meant_by(word: str) -> str:
    """Return a question for a config that was named without its flag."""
    is_config = word in shipped_configs() or Path(word).suffix in SUFFIXES
    return f" Did you mean '--config {word}'?" if is_config else ""


def _value(key: str, text: str) -> Any:
    """Return what a flag's text means: a mapping, a list, null or a class; else text as it is."""
    if text == "null":
        return None
    keys = key.rstrip("+").split(".")
    # `--model.backbone.class_path ConvNet` names what stands under the key above
    leaf = keys[-2] if keys[-1] == "class_path" and len(keys) > 1 else keys[-1]
    if not text.startswith(("{", "[")):
        return with_full_paths(text, leaf)
    try:
        return with_full_paths(normal(yaml.load(text, Loader)), leaf)
    except yaml.YAMLError as error:
        raise UserError(f"--{key}: '{text}' is not valid YAML.") from error


def _with_shares(
    tree: dict[str, Any], flags: Sequence[tuple[str, Any]]
) -> Iterator[tuple[str, Any]]:
    """Yield flags, with ``--data.split 60/20/20`` as the shares of the split that is there."""
    for key, value in flags:
        shares = shares_in(value) if key == "data.split" else None
        before = init_args(init_args(tree.get("data")).get("split"))
        if shares is None or not before:
            yield key, value
            continue
        for part, share in shares.items():
            yield f"{key}.{part}", share


def _with_what_fits(before: Any, name: Any) -> Any:
    """Return a class of data or of a model with those arguments of the one before that it takes.

    Data and models share their arguments by design, so one word swaps them: ``--model Regression``.
    Of all other classes the arguments go with the class.
    """
    entry = next((e for e in our_classes().values() if e.path == name), None)
    if entry is None or not isinstance(before, dict):
        return name
    fitting = {key: v for key, v in init_args(before).items() if key in entry.parameters}
    return {"class_path": name, "init_args": fitting}


def _refuse_unknown_names(arguments: Arguments) -> None:
    for path, name, kind in unknown_names(arguments.tree):
        place = arguments.where((*path, "class_path"))
        mistake = unknown(KINDS[kind].one, name, classes_of(kind))
        raise UserError(f"{place}: {mistake} One of your own is named by its file: my_file.{name}.")
