"""``metrics.csv``: the figures of a run as a table, which a resumed run goes on with."""

import csv
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from datamodules.files import written_whole

FIRST = ("step", "epoch")
"""Columns that stand first; the others follow in the order in which they appeared."""


class MetricsCSV(Logger):
    """Write one line for each step at which figures are logged.

    Lightning's own deletes the file when its folder is used again. Here a run that goes on keeps
    the lines up to the step that it goes on from; what was logged after the checkpoint will be
    logged again.

    Args:
        path: of the file.
        from_step: the first step that this part of the run will log.
    """

    def __init__(self, path: Path, from_step: int = 0) -> None:
        super().__init__()
        self.path = path
        self.columns: list[str] = list(FIRST)
        self.open: dict[str, Any] = {}
        self.waiting: list[dict[str, Any]] = []
        self.from_step = from_step
        self._begun = False

    @property
    def name(self) -> str:
        """What Lightning calls the logger; its folder is the run's."""
        return ""

    @property
    def version(self) -> str:
        """Empty, for a run has one table."""
        return ""

    @property
    def log_dir(self) -> str:
        """Where the table lies."""
        return str(self.path.parent)

    @rank_zero_only
    def log_hyperparams(
        self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any
    ) -> None:
        """Log none: the run folder has a config."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Add figures to the line of a step."""
        if self.open.get("step") != step:
            self._close()
            self.open = {"step": step}
        self.open |= {name: float(value) for name, value in metrics.items() if name != "epoch"}
        if "epoch" in metrics:
            self.open["epoch"] = int(metrics["epoch"])

    @rank_zero_only
    def save(self) -> None:
        """Write the lines that are complete."""
        if not self._begun:
            self._begin()
        if not self.waiting:
            return
        fresh = [name for row in self.waiting for name in row if name not in self.columns]
        if fresh or not self.path.is_file():
            rows = [*self._written(), *self.waiting]
            self.columns += list(dict.fromkeys(fresh))
            self._rewrite(rows)
        else:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                csv.DictWriter(file, self.columns, lineterminator="\n").writerows(self.waiting)
        self.waiting = []

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Write all lines."""
        self._close()
        self.save()

    def _close(self) -> None:
        if self.open:
            self.waiting.append(self.open)
        self.open = {}

    def _begin(self) -> None:
        """Keep of an earlier part of the run what is not logged again."""
        self._begun = True
        rows = [row for row in self._written() if _step(row) < self.from_step]
        if rows:
            self.columns = list(rows[0])
            self._rewrite(rows)
        else:
            self.path.unlink(missing_ok=True)

    def _written(self) -> list[dict[str, Any]]:
        if not self.path.is_file():
            return []
        with self.path.open(encoding="utf-8", newline="") as file:
            # a line that a killed run left half written has no value in its last columns
            return [row for row in csv.DictReader(file) if None not in row.values()]

    def _rewrite(self, rows: list[dict[str, Any]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (
            written_whole(self.path) as partial,
            partial.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.DictWriter(file, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _step(row: Mapping[str, str]) -> int:
    return int(row["step"]) if row["step"].isdigit() else 0
