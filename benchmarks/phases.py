"""A command of the program with the time and the memory that each step of its data takes.

    python -m benchmarks.phases TOLD fit --config ...

What was measured is written to the file TOLD as JSON: for each step its seconds and, where the
system tells, the most memory resident within it.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

GB = 1e9


class Phases:
    """Seconds and peaks by step, in the order in which they were first taken."""

    def __init__(self) -> None:
        self.told: dict[str, dict[str, float]] = {}
        self.begun = time.perf_counter()
        self.before = 0.0

    def watch(self, owner: Any, name: str, step: str) -> None:
        """Measure a function wherever it is looked up in a class or a module."""
        work = getattr(owner, name)

        def measured(*arguments: Any, **named: Any) -> Any:
            return self.measure(step, lambda: work(*arguments, **named))

        setattr(owner, name, measured)

    def measure(self, step: str, work: Callable[[], Any]) -> Any:
        """Do some work as a step."""
        self.between()
        begun = time.perf_counter()
        result = work()
        entry = self.told.setdefault(step, {"seconds": 0.0, "peak_gb": 0.0})
        entry["seconds"] += time.perf_counter() - begun
        entry["peak_gb"] = max(entry["peak_gb"], self.between())
        return result

    def between(self) -> float:
        """Return the most GB resident since it was last asked, and remember the most of all."""
        found = peak() / GB
        self.before = max(self.before, found)
        forget_peak()
        return found

    def note(self, step: str) -> None:
        """Remember how long after the start a step was reached."""
        self.told.setdefault(step, {"seconds": time.perf_counter() - self.begun})


def forget_peak() -> None:
    """Begin to look for the most resident memory anew, where Linux allows it."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak() -> int:
    """Return the most bytes that were resident since they were last forgotten, 0 if unknown."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def main(words: list[str]) -> None:
    """Run the command."""
    phases = Phases()
    phases.measure("import", _watched_by(phases))
    from fulgurite.__main__ import main as command

    status: Any = 0
    try:
        command(words[1:])
    except SystemExit as end:
        status = end.code
    phases.note("all")
    phases.between()
    phases.told["all"]["peak_gb"] = phases.before
    Path(words[0]).write_text(json.dumps(phases.told))
    sys.exit(status)


def _watched_by(phases: Phases) -> Callable[[], None]:
    def watch() -> None:
        from datamodules import recipe
        from datamodules.features.table import TableFeatures
        from datamodules.loader import RowBatches
        from datamodules.recipe import Recipe
        from datamodules.seen_rows import SeenRows
        from datamodules.tabular import TabularDataModule
        from fulgurite import check
        from lightning_modules.supervised import SupervisedModule

        phases.watch(TabularDataModule, "read", "read")
        phases.watch(recipe, "fingerprint", "fingerprint")
        phases.watch(recipe, "usable_rows", "usable rows")
        phases.watch(recipe, "clean_rows", "clean")
        phases.watch(recipe, "pick_target", "pick target")
        phases.watch(recipe, "divide", "split")
        phases.watch(Recipe, "_fit", "fit features, contract")
        phases.watch(check, "audit", "look for leaks")
        phases.watch(SeenRows, "of", "rows seen")
        phases.watch(TableFeatures, "columns", "transform")
        phases.watch(RowBatches, "__init__", "batches")
        phases.watch(RowBatches, "_order", "order of an epoch")
        first = SupervisedModule.training_step

        def training_step(*arguments: Any, **named: Any) -> Any:
            phases.note("first step after")
            return first(*arguments, **named)

        SupervisedModule.training_step = training_step  # type: ignore[method-assign]

    return watch


if __name__ == "__main__":
    main(sys.argv[1:])
