"""``metrics.csv``: the figures of a run as a table, which a resumed run goes on with."""

import csv
import io
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

    Attributes:
        open: the line of the step that is under way; it is in the file too, behind ``end``.
        waiting: lines that are complete and not written yet.
        end: the place in the file behind its complete lines.
    """

    def __init__(self, path: Path, from_step: int = 0) -> None:
        super().__init__()
        self.path = path
        self.columns: list[str] = list(FIRST)
        self.open: dict[str, Any] = {}
        self.waiting: list[dict[str, Any]] = []
        self.from_step = from_step
        self.end = 0
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
        """Write all lines, the last of which may become longer."""
        if not self._begun:
            self._begin()
        rows = [*self.waiting, *([self.open] if self.open else [])]
        if not rows:
            return
        fresh = [name for row in rows for name in row if name not in self.columns]
        if fresh or not self.path.is_file():
            complete = [*self._written(self.end), *self.waiting]
            self.columns += list(dict.fromkeys(fresh))
            self._rewrite(complete)
        else:
            self._append(self.waiting)
        self.waiting = []
        self.end = self.path.stat().st_size
        self._append([self.open] if self.open else [])

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
            self.end = self.path.stat().st_size
        else:
            self.path.unlink(missing_ok=True)

    def _written(self, end: int | None = None) -> list[dict[str, Any]]:
        """Return the lines of the file, or those before a place in it."""
        if not self.path.is_file():
            return []
        text = self.path.read_bytes()[:end].decode("utf-8", errors="ignore")
        # a line that a killed run left half written has no value in its last columns
        rows = csv.DictReader(io.StringIO(text, newline=""))
        return [row for row in rows if None not in row.values()]

    def _append(self, rows: list[dict[str, Any]]) -> None:
        """Put lines in the place of the one that may still become longer."""
        lines = io.StringIO(newline="")
        csv.DictWriter(lines, self.columns, lineterminator="\n").writerows(rows)
        with self.path.open("r+b") as file:
            file.seek(self.end)
            file.write(lines.getvalue().encode("utf-8"))
            file.truncate()

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
