"""What commands there are and the flags of their own, for help, completion and errors alike."""

from dataclasses import dataclass, field

from datamodules.errors import UserError, unknown


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        summary: what it does, for a list.
        example: a line to type.
        options: flags that are no settings of a run: their values, and what they do.
        trains: takes the settings of a run.
    """

    summary: str
    example: str
    options: dict[str, tuple[str, str]] = field(default_factory=dict)
    trains: bool = True


ENDED_BY_CTRL_C = 130
"""The exit status that shells give a program that Ctrl-C ended."""
RUN = "RUN"
COMMON = {
    "json": "print one JSON object and nothing else on standard output",
    "quiet": "no progress, no notes, no hints",
    "debug": "show the traceback of an error",
    "help": "the settings that people change",
    "help-all": "every setting",
}
"""Flags that every command takes, without a value."""
CKPT = {"ckpt_path": (RUN, "a run, its folder or a checkpoint; the newest run by default")}
COMMANDS = {
    "fit": Command(
        "train a model",
        "fulgurite fit --config digits_cnn",
        {
            "resume": (RUN, "go on with a run, in its folder: 'last', a run or a checkpoint"),
            "init_from": (RUN, "begin a new run with the weights of another"),
            "print_config": ("", "print the settings that give this run, and do not train"),
        },
    ),
    "validate": Command(
        "measure validation rows", "fulgurite validate --ckpt_path runs/digits_cnn/0", CKPT
    ),
    "test": Command("measure held-out rows", "fulgurite test --ckpt_path runs/digits_cnn/0", CKPT),
    "predict": Command(
        "predict rows of a file",
        "fulgurite predict --ckpt_path RUN --data.source FILE",
        {**CKPT, "output": ("FILE", "the CSV file to write; predictions.csv in the run's folder")},
    ),
    "export": Command(
        "write a trained model as one file, adapters merged",
        "fulgurite export --ckpt_path RUN --output FILE",
        {**CKPT, "output": ("FILE", "the checkpoint to write; model.ckpt in the run's folder")},
    ),
    "check": Command(
        "look for leaks and bad labels",
        "fulgurite check --config credit_mlp",
        {
            "html": ("FILE", "write a page that shows the examples of each finding"),
            "strict": ("", "exit with status 1 where a finding is of severity high"),
        },
    ),
    "init": Command(
        "write a config for your data",
        "fulgurite init income.csv --target income",
        {
            "target": ("COLUMN", "what to predict; several columns with commas between them"),
            "task": ("TASK", "classification, regression or multilabel, where guessing is wrong"),
            "separator": ("TEXT", "what stands between the labels of a cell"),
            "text": ("COLUMN", "learn from this column of text"),
            "group": ("COLUMN", "keep the rows of one person, place, ... in one part of the split"),
            "time": ("COLUMN", "hold out the last rows by this column"),
            "query": ("SQL", "what to ask a database"),
            "out": ("FILE", "the config to write; by default named after the source"),
            "force": ("", "replace a config that is there"),
        },
        trains=False,
    ),
    "ledger": Command("say who has looked at which test set", "fulgurite ledger", trains=False),
    "board": Command("look at runs in TensorBoard", "fulgurite board digits_cnn", trains=False),
    "list": Command("say what there is to choose from", "fulgurite list backbones", trains=False),
    "completion": Command(
        "completion for bash, zsh or fish",
        'eval "$(fulgurite completion bash)"',
        trains=False,
    ),
    "version": Command("say which version this is", "fulgurite version", trains=False),
}
SYNONYMS = {
    "train": "fit",
    "eval": "test",
    "evaluate": "test",
    "infer": "predict",
    "inference": "predict",
    "merge": "export",
    "looks": "ledger",
    "tensorboard": "board",
    "ls": "list",
    "audit": "check",
    "lint": "check",
    "new": "init",
    "create": "init",
}
"""What other programs call these commands."""


def unknown_command(name: str) -> UserError:
    """Return the error for a command that there is not, with the one that is meant."""
    if name in SYNONYMS:
        return UserError(f"There is no command '{name}'. Did you mean '{SYNONYMS[name]}'?")
    return unknown("command", name, COMMANDS)
