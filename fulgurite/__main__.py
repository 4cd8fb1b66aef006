"""``fulgurite`` and ``python -m fulgurite``."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    # `python -m` puts the working directory first: a user's package called `configs` or `callbacks`
    # must not stand before ours
    here = str(Path.cwd())
    sys.path[:] = [*(entry for entry in sys.path if entry not in ("", here)), here]

from datamodules.errors import UserError, unknown
from fulgurite.arguments import Arguments, read_arguments
from fulgurite.processes import is_first, together
from fulgurite.threads import let_waiting_threads_sleep

if TYPE_CHECKING:
    from fulgurite.report import Report

USAGE = """\
usage: fulgurite COMMAND [--config NAME_OR_FILE ...] [--key value ...]

  fit        train a model             fulgurite fit --config digits_cnn
  validate   measure validation rows   fulgurite validate --ckpt_path runs/digits_cnn/0
  test       measure held-out rows     fulgurite test --ckpt_path runs/digits_cnn/0
  predict    predict rows of a file    fulgurite predict --ckpt_path RUN --data.source FILE
  version    say which version this is

A setting of the config is changed by its path: --model.backbone ResNet
--model.optimizer.lr 0.01 --data.batch_size 128 --trainer.max_epochs 5.
validate, test and predict take the latest run where --ckpt_path is left out.
"""


def main(words: list[str] | None = None) -> None:
    """Run a command; a user's mistake is told in a sentence and ends with status 2."""
    words = sys.argv[1:] if words is None else words
    if not words or words[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return
    let_waiting_threads_sleep()
    command, *rest = words
    try:
        with together():
            _run(command, rest)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None


def _run(command: str, words: list[str]) -> None:
    if command in ("version", "--version"):
        from importlib.metadata import version

        print(f"fulgurite {version('fulgurite')}")
        return
    if command not in COMMANDS:
        raise unknown("command", command, [*COMMANDS, "version"])
    as_json = "--json" in words
    words = [word for word in words if word != "--json"]
    if "--help" in words or "-h" in words:
        print(USAGE, end="")
        return
    report = COMMANDS[command](read_arguments(words))
    if is_first():
        report.show(as_json=as_json)


def _fit(arguments: Arguments) -> "Report":
    from fulgurite.experiment import Experiment
    from fulgurite.fit import fit

    resumed = arguments.pop("ckpt_path")
    return fit(Experiment(arguments), resumed)


def _validate(arguments: Arguments) -> "Report":
    from fulgurite.trained import TrainedRun, measure

    return measure(TrainedRun(arguments, arguments.pop("ckpt_path")), "validate")


def _test(arguments: Arguments) -> "Report":
    from fulgurite.trained import TrainedRun, measure

    return measure(TrainedRun(arguments, arguments.pop("ckpt_path")), "test")


def _predict(arguments: Arguments) -> "Report":
    from fulgurite.trained import TrainedRun, predict

    output = arguments.pop("output")
    return predict(TrainedRun(arguments, arguments.pop("ckpt_path")), output)


COMMANDS: dict[str, Callable[[Arguments], "Report"]] = {
    "fit": _fit,
    "validate": _validate,
    "test": _test,
    "predict": _predict,
}

if __name__ == "__main__":
    main()
