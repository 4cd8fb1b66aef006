"""Where a run came from."""

import json
import os
import platform
import shlex
import sys
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datamodules.files import write_json, written_whole
from datamodules.sources.urls import without_secrets
from fulgurite.repository import read_repository

if TYPE_CHECKING:
    from fulgurite.experiment import Experiment

NAME = "provenance.json"
PATCH = "changes.patch"
PACKAGES = ("fulgurite", "lightning", "torch", "torchmetrics", "torchvision", "numpy", "polars")
EXTRAS = ("timm", "transformers", "tokenizers", "peft")
"""Packages that are told where they are installed."""


def write_provenance(run: Path, experiment: "Experiment", module: Any, datamodule: Any) -> None:
    """Write all that is needed to find out where a run came from, and to repeat it.

    Args:
        run: the folder.
        experiment: what was started.
        module: whose backbone says where its first weights came from, if it does.
        datamodule: set up, so that it knows the fingerprint of its data.
    """
    folder = Path.cwd()
    repository = read_repository(folder)
    if repository is not None and repository.patch:
        with written_whole(run / PATCH) as partial:
            partial.write_bytes(repository.patch)
    trained = getattr(datamodule, "trained", None)
    told = {
        "command": _command(),
        "started": _now(),
        "folder": str(folder),
        "configs": [str(config.resolve()) for config in experiment.arguments.configs],
        "seed": experiment.seed,
        "data": {
            "source": _masked(getattr(datamodule, "source", None)),
            "fingerprint": getattr(trained, "data", None),
        },
        "weights": getattr(getattr(module, "backbone", None), "origin", None),
        "git": None if repository is None else repository.as_plain(),
        "python": platform.python_version(),
        "packages": _packages(),
        "hardware": hardware(),
        "resumed": [],
    }
    write_json(run / NAME, told)


def _packages() -> dict[str, str | None]:
    found = {name: package_version(name) for name in EXTRAS}
    there = {name: version for name, version in found.items() if version is not None}
    return {**{name: package_version(name) for name in PACKAGES}, **there}


def add_resume(run: Path) -> None:
    """Add to a run's provenance that it was taken up again."""
    try:
        told = json.loads((run / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    told.setdefault("resumed", []).append({"command": _command(), "started": _now()})
    write_json(run / NAME, told)


def _masked(source: Any) -> Any:
    if isinstance(source, list):
        return [_masked(each) for each in source]
    return without_secrets(source) if isinstance(source, str) else source


def _command() -> str:
    return without_secrets(shlex.join(sys.argv))


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def hardware() -> dict[str, Any]:
    """Return what the machine has: processor, cores, memory in GiB, accelerators."""
    import torch

    cuda = range(torch.cuda.device_count())
    return {
        "machine": platform.machine(),
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_gib": _memory(),
        "accelerators": [torch.cuda.get_device_name(i) for i in cuda]
        or (["mps"] if torch.backends.mps.is_available() else []),
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    names = [line for line in text.splitlines() if line.startswith("model name")]
    return names[0].partition(":")[2].strip() if names else platform.processor()


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):  # not on Windows
        return None


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


def package_version(package: str) -> str | None:
    """Return the installed version of a package, if it is there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
