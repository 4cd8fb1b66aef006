"""``fulgurite`` and ``python -m fulgurite``."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    # `python -m` puts the working directory first: a user's package called `configs` or `callbacks`
    # must not stand before ours
    here = str(Path.cwd())
    sys.path[:] = [*(entry for entry in sys.path if entry not in ("", here)), here]

from datamodules.errors import UserError
from fulgurite.arguments import Arguments, read_arguments
from fulgurite.commands import COMMANDS, COMMON, ENDED_BY_CTRL_C, unknown_command
from fulgurite.threads import let_waiting_threads_sleep

if TYPE_CHECKING:
    from fulgurite.report import Report


def main(words: list[str] | None = None) -> None:
    """Run a command; a user's mistake is told in a sentence and ends with status 2."""
    words = sys.argv[1:] if words is None else words
    try:
        status = _run(words)
    except UserError as error:
        if "--debug" in words:
            raise
        print(f"error: {error}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        if "--debug" in words:
            raise
        print("interrupted", file=sys.stderr)
        status = ENDED_BY_CTRL_C
    except BrokenPipeError:  # `fulgurite list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    if status:
        raise SystemExit(status)


def _run(words: list[str]) -> int:
    """Run one command and return its exit status."""
    command, *rest = words or ["--help"]
    if command in ("-h", "--help", "help"):
        from fulgurite.help import usage

        print(usage())
        return 0
    command = "version" if command == "--version" else command
    if command not in COMMANDS:
        raise unknown_command(command)
    if {"--help", "-h"} & set(rest) and "--" not in rest:
        from fulgurite.help import command_help

        print(command_help(command))
        return 0
    if command == "init":
        return _init(rest)
    if not COMMANDS[command].trains:
        return _tell(command, rest)
    return _train(command, rest)


def _tell(command: str, words: list[str]) -> int:
    """Run a command that trains nothing and imports nothing heavy."""
    as_json, quiet = "--json" in words, "--quiet" in words
    if command != "completion":  # which is handed flags to complete
        words = [word for word in words if word not in COMMON_FLAGS]
    if command == "version":
        from importlib.metadata import version

        print(f"fulgurite {version('fulgurite')}")
    elif command == "board":
        from fulgurite.board import board

        board(words)
    elif command == "ledger":
        from fulgurite.ledger_page import ledger
        from fulgurite.quiet import hushed

        with hushed(quiet):
            print(ledger(words, as_json=as_json))
    elif command == "completion":
        from fulgurite.completion import completion

        print(completion(words), end="")
    else:
        from fulgurite.listing import listed

        print(listed(words, as_json=as_json))
    return 0


COMMON_FLAGS = {f"--{name}" for name in COMMON}


def _init(words: list[str]) -> int:
    """Write a config; the data are read, so that it is known to work."""
    switches = {word for word in words if word in COMMON_FLAGS}
    with _lean():
        from fulgurite.init.command import init

        report = init([word for word in words if word not in COMMON_FLAGS])
    report.show(as_json="--json" in switches, hints="--quiet" not in switches)
    return report.status


def _train(command: str, words: list[str]) -> int:
    """Run a command over the settings of a run."""
    switches = {word for word in words if word in COMMON_FLAGS}
    words = [word for word in words if word not in COMMON_FLAGS]
    from fulgurite.processes import together
    from fulgurite.quiet import hushed

    with _lean(), hushed("--quiet" in switches), together():
        return _trained(command, words, switches)


@contextmanager
def _lean() -> Iterator[None]:
    """Import no more than is used, and leave the processor to others while threads wait."""
    from fulgurite.lean_imports import imports_are_done, put_off_unused_imports

    let_waiting_threads_sleep()
    put_off_unused_imports()
    try:
        yield
    finally:
        imports_are_done()


def _trained(command: str, words: list[str], switches: set[str]) -> int:
    from fulgurite.processes import is_first

    if "--help-all" in switches:
        from fulgurite.parser import help_all

        print(help_all())
        return 0
    arguments = read_arguments(words, COMMANDS[command].options)
    report = FUNCTIONS[command](arguments)
    if report is None or not is_first():
        return 0
    report.show(as_json="--json" in switches, hints="--quiet" not in switches)
    return report.status


def _fit(arguments: Arguments) -> "Report | None":
    from fulgurite.experiment import Experiment
    from fulgurite.fit import Start, fit

    resume, init_from = arguments.options.get("resume"), arguments.options.get("init_from")
    if resume is not None and init_from is not None:
        raise UserError(
            "--resume goes on with a run and --init_from begins a new one: give one of them."
        )
    if resume is not None:
        from fulgurite.resume import ResumedRun

        run = ResumedRun(resume)
        return fit(run.experiment(arguments), Start(resumed=run))
    if init_from is not None:
        from fulgurite.initial_weights import InitialWeights

        weights = InitialWeights(init_from)
        return fit(Experiment(arguments), Start(weights=weights))
    experiment = Experiment(arguments)
    if "print_config" not in arguments.options:
        return fit(experiment)
    from fulgurite.short_form import short_form

    full = arguments.options["print_config"] == "full"
    print(experiment.dump() if full else short_form(experiment), end="")
    return None


def _validate(arguments: Arguments) -> "Report":
    from fulgurite.trained import TrainedRun, measure

    return measure(TrainedRun(arguments), "validate")


def _test(arguments: Arguments) -> "Report":
    from fulgurite.trained import TrainedRun, measure

    return measure(TrainedRun(arguments), "test")


def _predict(arguments: Arguments) -> "Report":
    from fulgurite.trained import TrainedRun, predict

    return predict(TrainedRun(arguments), arguments.options.get("output"))


def _export(arguments: Arguments) -> "Report":
    from fulgurite.export import export
    from fulgurite.trained import TrainedRun

    return export(TrainedRun(arguments), arguments.options.get("output"))


def _check(arguments: Arguments) -> "Report":
    from fulgurite.check import check
    from fulgurite.experiment import Experiment

    html = arguments.options.get("html")
    return check(Experiment(arguments), html=html, strict="strict" in arguments.options)


FUNCTIONS: dict[str, Callable[[Arguments], "Report | None"]] = {
    "fit": _fit,
    "check": _check,
    "validate": _validate,
    "test": _test,
    "predict": _predict,
    "export": _export,
}

if __name__ == "__main__":
    main()
