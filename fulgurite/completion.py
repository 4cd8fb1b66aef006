"""Shell completion: the words that may come next, with no import of what trains."""

import itertools
from collections.abc import Iterable

from datamodules.errors import UserError, unknown
from fulgurite.commands import COMMANDS, COMMON
from fulgurite.configs import configs_here, shipped_configs
from fulgurite.help import people_change
from fulgurite.kinds import KINDS, classes_of, kind_of_key
from fulgurite.listing import TOPICS, networks, samples
from fulgurite.run_folder import known_runs
from fulgurite.source_classes import classes_in

SHELLS = {
    "bash": """\
_fulgurite() {
    local IFS=$'\\n'
    COMPREPLY=($(fulgurite completion -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
    if [ ${#COMPREPLY[@]} -eq 0 ]; then compopt -o default; fi
}
complete -F _fulgurite fulgurite
# a key such as --data.batch_size=128 is one word, as is sample:digits
COMP_WORDBREAKS=${COMP_WORDBREAKS//[:=]/}
""",
    "zsh": """\
_fulgurite() {
    local -a found
    found=("${(@f)$(fulgurite completion -- "${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
    if [ -n "$found[1]" ]; then compadd -Q -- "${found[@]}"; else _files; fi
}
compdef _fulgurite fulgurite
""",
    "fish": """\
function __fulgurite
    set -l before (commandline -opc)
    fulgurite completion -- $before[2..-1] (commandline -ct) 2>/dev/null
end
complete -c fulgurite -a '(__fulgurite)'
""",
}
TAKES_RUN = ("ckpt_path", "resume", "init_from")
KEPT = 400
"""Candidates that are handed to the shell at most."""


def completion(words: list[str]) -> str:
    """Return what ``fulgurite completion WORDS`` prints: a script, or the words that may come next.

    Args:
        words: the name of a shell; or ``--`` and what has been typed after ``fulgurite``, the word
            at the cursor last.

    Raises:
        UserError: there is no script for that shell.
    """
    if words[:1] == ["--"]:
        return "".join(f"{word}\n" for word in candidates(words[1:] or [""])[:KEPT])
    if len(words) != 1:
        raise UserError(f"completion takes the name of a shell: {', '.join(SHELLS)}.")
    if words[0] not in SHELLS:
        raise unknown("completion for the shell", words[0], SHELLS)
    return SHELLS[words[0]]


def candidates(typed: list[str]) -> list[str]:
    """Return the words that may stand at the cursor.

    Args:
        typed: the words after ``fulgurite``, the one at the cursor last, as far as it is typed.
    """
    *before, current = typed
    if not before:
        found: Iterable[str] = [*COMMANDS, "--help", "--version"]
    elif before[0] == "completion":
        found = SHELLS
    elif before[0] == "list":
        found = [*TOPICS, *(name for kind in KINDS for name in classes_of(kind))]
    elif before[0] == "init":
        found = [f"--{name}" for name in COMMANDS["init"].options] if current else []
    elif before[0] in COMMANDS and COMMANDS[before[0]].trains:
        found = _flags_or_values(before, current)
    else:
        found = []
    return [word for word in found if word.startswith(current)]


def _flags_or_values(before: list[str], current: str) -> list[str]:
    """Return what may follow in the command line of a run."""
    flag, given, _ = current.partition("=")
    if given and flag.startswith("--"):
        return [f"{flag}={value}" for value in _values(flag.removeprefix("--"))]
    last = before[-1]
    waits = last.startswith("--") and "=" not in last and last.removeprefix("--") not in COMMON
    if waits and not current.startswith("--"):
        return _values(last.removeprefix("--"))
    return _flags(before[0], before[1:])


def _values(key: str) -> list[str]:
    """Return what may be given for a flag, as far as that can be counted."""
    if key == "config":
        return [*shipped_configs(), *configs_here()]
    if key in TAKES_RUN:
        return ["last", *map(str, reversed(known_runs()))]
    leaf = key.rstrip("+").rpartition(".")[2]
    if leaf == "source":
        return [item.name for item in samples()]
    if leaf in ("weights", "tokenizer"):
        return [item.name for item in networks()]
    kind = kind_of_key(leaf)
    return list(classes_of(kind)) if kind else []


def _flags(command: str, before: Iterable[str]) -> list[str]:
    """Return the flags of a command: its own, what people change, and those of the classes named.

    Args:
        command: whose.
        before: the words typed so far; a class among them adds its arguments.
    """
    found = ["config", *COMMANDS[command].options, *COMMON]
    found += [key for key, _, _ in people_change()]
    found += [f"trainer.{name}" for name in _trainer_settings()]
    typed = [word.removeprefix("--") for flag in before for word in flag.split("=", 1)]
    for key, name in itertools.pairwise(typed):
        kind = kind_of_key(key.rpartition(".")[2])
        entry = classes_of(kind).get(name) if kind else None
        found += [f"{key}.{parameter}" for parameter in entry.parameters] if entry else []
    return [f"--{key}" for key in dict.fromkeys(found)]


def _trainer_settings() -> list[str]:
    """Return the names of the trainer's settings, from Lightning's source."""
    entries = classes_in("lightning.pytorch.trainer.trainer")
    return [name for entry in entries if entry.name == "Trainer" for name in entry.parameters]
