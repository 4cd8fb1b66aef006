"""What ``--help`` says: in short form, with no import of what trains."""

import textwrap

from fulgurite import settings
from fulgurite.commands import COMMANDS, COMMON
from fulgurite.kinds import classes_of

COLUMN = 34
WIDTH = 80


def usage() -> str:
    """Return what ``fulgurite --help`` says."""
    width = max(map(len, COMMANDS)) + 1
    return "\n".join(
        [
            "usage: fulgurite COMMAND [--config NAME_OR_FILE ...] [--key value ...]",
            "",
            *(f"  {name:<{width}} {command.summary}" for name, command in COMMANDS.items()),
            "",
            "A setting of the config is changed by its path, and wins over the config's:",
            "",
            "  fulgurite fit --config digits_cnn --model.backbone ResNet",
            "  fulgurite fit --config my.yaml --model.optimizer.lr 0.1 --trainer.max_epochs 5",
            "  fulgurite fit --resume last",
            "  fulgurite test",
            "",
            "fulgurite COMMAND --help lists the flags of a command and the settings that",
            "people change.",
        ]
    )


def command_help(name: str) -> str:
    """Return what ``fulgurite COMMAND --help`` says."""
    command = COMMANDS[name]
    lines = [f"usage: {command.example}", "", f"{command.summary.capitalize()}."]
    flags = [_row(f"--{k} {v}".rstrip(), told) for k, (v, told) in command.options.items()]
    if flags and not command.trains:
        lines += ["", *flags, *(_row(f"--{key}", COMMON[key]) for key in ("json", "quiet"))]
    if command.trains:
        lines += ["", "The command's own flags:", _row("--config NAME_OR_FILE", CONFIG), *flags]
        lines += [_row(f"--{key}", told) for key, told in COMMON.items()]
        lines += ["", "Settings, with what they are where a config says nothing:"]
        lines += [_row(f"--{key} {value}", told) for key, value, told in people_change()]
    if name == "list":
        from fulgurite.listing import TOPICS

        topics = f"Of these: {', '.join(TOPICS)}; or of one class, by its name."
        lines += ["", *textwrap.wrap(topics, WIDTH)]
    return "\n".join(lines)


CONFIG = "a shipped config or a file; several are merged in order"


def people_change() -> list[tuple[str, str, str]]:
    """Return the settings that people change: key, default, what it is."""
    trainer, stopping = settings.TRAINER, settings.EARLY_STOPPING["init_args"]
    data = classes_of("datamodules")["TabularDataModule"].parameters
    split = classes_of("splits")["StratifiedSplit"].parameters
    optimizer = classes_of("optimizers")["AdamW"].parameters
    return [
        ("data", "CLASS", _names("datamodules")),
        ("data.source", "FILE", "a file, a folder, a URL or sample:NAME (fulgurite list samples)"),
        ("data.target", "COLUMN", "the column to predict, or several"),
        ("data.batch_size", data["batch_size"].default or "", "None: what suits the rows"),
        ("data.cleaning", "LIST", "such as '[Duplicates, NoisyLabels]'; fulgurite list cleaning"),
        ("data.features", "LIST", "what is made of which columns; fulgurite list features"),
        ("data.augment", "LIST", "transforms of training batches; fulgurite list augmentations"),
        ("data.split", "CLASS", _names("splits")),
        ("data.split.val", split["val"].default or "", "the share of validation rows"),
        ("data.split.test", split["test"].default or "", "the share of held-out rows"),
        ("data.workers", data["workers"].default or "", "loader processes; in memory none"),
        ("model", "CLASS", _names("models")),
        ("model.backbone", "CLASS", _names("backbones")),
        ("model.loss", "CLASS", "None: what suits the target; fulgurite list losses"),
        ("model.optimizer", "AdamW", "fulgurite list optimizers"),
        ("model.optimizer.lr", optimizer["lr"].default or "", "the learning rate"),
        ("model.schedule", "None", _names("schedules", ours=True)),
        ("trainer.max_epochs", str(trainer["max_epochs"]), "epochs at most"),
        ("trainer.max_time", "None", "DD:HH:MM:SS at most"),
        ("trainer.gradient_clip_val", "None", "largest norm of a step's gradient"),
        ("trainer.accelerator", "auto", "cpu, gpu, mps, tpu"),
        ("trainer.devices", "auto", "how many; --trainer.strategy ddp says how they share"),
        ("trainer.precision", "32-true", "bf16-mixed, 16-mixed, 64-true, ..."),
        ("early_stopping.patience", str(stopping["patience"]), "epochs without progress"),
        ("checkpoint.monitor", str(stopping["monitor"]), "the figure that ranks the weights"),
        ("seed_everything", str(settings.SEED), "decides split, order and first weights"),
    ]


def _row(flag: str, told: str) -> str:
    """Return a flag and what it does, within the width of a page."""
    indent = " " * COLUMN
    lines = textwrap.wrap(told, WIDTH, initial_indent=indent, subsequent_indent=indent)
    if len(flag) + 3 > COLUMN:
        return "\n".join([f"  {flag}", *lines])
    return "\n".join([f"  {flag:<{COLUMN - 2}}{lines[0].lstrip()}", *lines[1:]])


def _names(kind: str, *, ours: bool = False) -> str:
    names = [
        entry.name
        for entry in classes_of(kind).values()
        if not ours or entry.path.startswith("lightning_modules")
    ]
    return ", ".join(names)
