"""Where a run came from."""

import json
import platform
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from datamodules.files import written_whole

NAME = "provenance.json"
PACKAGES = ("fulgurite", "lightning", "torch", "torchmetrics", "torchvision", "numpy", "polars")


def write_provenance(run: Path, configs: list[Path]) -> None:
    """Write the command, the configs' places and the versions into a run folder.

    Args:
        run: the folder.
        configs: that the run was started with.
    """
    told = {
        "command": shlex.join(sys.argv),
        "folder": str(Path.cwd()),
        "configs": [str(config.resolve()) for config in configs],
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    }
    with written_whole(run / NAME) as partial:
        partial.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def folders_of(config: Path) -> list[Path]:
    """Return where the user's own classes may lie.

    Beside the config; for that of a run also where the run was started, and beside the configs that
    it was started with.
    """
    beside = config.resolve().parent
    try:
        told = json.loads((beside / NAME).read_text(encoding="utf-8"))
        return [beside, Path(told["folder"]), *(Path(name).parent for name in told["configs"])]
    except (OSError, ValueError, KeyError, TypeError):
        return [beside]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
