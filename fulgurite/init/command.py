"""The command ``fulgurite init``."""

import re
from pathlib import Path

from datamodules.errors import UserError
from datamodules.files import written_whole
from datamodules.sources.named import is_sample
from datamodules.sources.paths import existing_path
from datamodules.sources.several import is_pattern
from datamodules.sources.urls import is_url
from fulgurite.init.plan import plan
from fulgurite.init.request import Request, read_request
from fulgurite.init.write import as_yaml
from fulgurite.report import Report

FLAGS = {
    "data.target": "target",
    "data.task": "task",
    "data.separator": "separator",
    "data.text": "text",
    "data.group": "group",
    "data.time": "time",
    "data.split.group": "group",
    "data.split.time": "time",
    "data.query": "query",
    "data.source": "SOURCE",
}
"""What is a setting of a config there, and a flag here."""
OTHERS = {
    "TabularMLP": "FTTransformer",
    "ConvNet": "ResNet",
    "BagOfWords": "TextTransformer --model.optimizer.lr 1e-3",
}
"""What to try after the backbone that was chosen."""
TASK = re.compile(r"\btask: (\w+)")


def init(words: list[str]) -> Report:
    """Write a config for a source, and say what was decided and why.

    Args:
        words: as typed after ``init``.

    Raises:
        UserError: the rows cannot be learnt from, or the config cannot be written.
    """
    request = read_request(words)
    try:
        _check_there(request)
        path = _free(Path(request.out or f"{_stem(request)}.yaml"), request)
        made = plan(request)
    except UserError as error:
        raise UserError(_with_flags_of_init(str(error))) from error
    try:
        with written_whole(path) as partial:
            partial.write_text(as_yaml(made, path), encoding="utf-8")
    except OSError as error:
        raise UserError(f"--out {path}: it cannot be written: {error.strerror}.") from error
    train = f"fulgurite fit --config {path}"
    other = f"{train} --model.backbone {OTHERS[made.backbone]}"
    steps = [(train, "train"), (other, "the same with another network")]
    return Report("wrote", {"config": path, **made.decisions}, next_steps=steps)


def _check_there(request: Request) -> None:
    """Raise UserError if a file or folder is not there, before anything is said of the config."""
    names = request.source if isinstance(request.source, list) else [request.source]
    for name in names:
        if not (is_sample(name) or is_url(name) or is_pattern(name)):
            existing_path(name)


def _free(path: Path, request: Request) -> Path:
    """Return a path that may be written.

    Raises:
        UserError: it is taken, or lies in no folder.
    """
    if path.suffix not in (".yaml", ".yml"):
        raise UserError(f"--out {path}: a config is a file such as '{path.stem or 'my'}.yaml'.")
    if not path.parent.is_dir():
        raise UserError(f"--out {path}: there is no folder '{path.parent}'.")
    if path.exists() and not request.force:
        raise UserError(
            f"'{path}' is there already: name another file with --out, or replace it with --force."
        )
    return path


def _stem(request: Request) -> str:
    """Return a name for the config after the source's."""
    source = request.source if isinstance(request.source, str) else request.source[0]
    source = source.removeprefix("sample:").split("?")[0].rstrip("/")
    stem = Path(source).name.split(".")[0]
    return re.sub(r"[^\w-]+", "_", stem).strip("_") or "config"


def _with_flags_of_init(told: str) -> str:
    for setting, flag in FLAGS.items():
        given = flag if flag.isupper() else f"--{flag}"
        told = re.sub(rf"--{re.escape(setting)}(?![\w.])", given, told)
    return TASK.sub(r"--task \1", told)
