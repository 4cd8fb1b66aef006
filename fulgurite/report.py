"""What a command tells at its end: a short table for a person, JSON for a program."""

import json
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fulgurite.quiet import is_hushed

ORDER = {"test": 0, "val": 1, "train": 2}


@dataclass
class Report:
    """The outcome of a command.

    Attributes:
        title: what the table is of.
        facts: names and values that are no figures, such as the run folder.
        figures: logged figures by name, such as ``val/accuracy``.
        next_steps: commands to type, each with what it does.
        status: the command's exit status.
        remarks: sentences about the figures, below the table.
        for_programs: what a program is told beside the facts, and a person in the remarks.
    """

    title: str
    facts: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    next_steps: list[tuple[str, str]] = field(default_factory=list)
    status: int = 0
    remarks: list[str] = field(default_factory=list)
    for_programs: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return facts and figures as one JSON object; ``null`` is a figure that is no number."""
        facts = {name: str(v) if isinstance(v, Path) else v for name, v in self.facts.items()}
        metrics = finite_or_null(self.figures)
        return json.dumps({**facts, **self.for_programs, "metrics": metrics})

    def show(self, *, as_json: bool = False, hints: bool = True) -> None:
        """Write it to standard output.

        Args:
            as_json: as one JSON object.
            hints: with the next steps.
        """
        if as_json:
            print(self.as_json())
        else:
            self.show_to_people(hints=hints)

    def show_to_people(self, *, hints: bool) -> None:
        """Write a table of facts and figures, and the next steps if there are hints."""
        from rich.console import Console
        from rich.table import Table

        console = Console(highlight=False, soft_wrap=True)
        table = Table(title=self.title, title_justify="left", show_header=False, box=None)
        table.add_column(style="bold")
        table.add_column()
        for name, value in self.facts.items():
            table.add_row(name.replace("_", " "), str(value))
        for name in sorted(self.figures, key=_rank):
            table.add_row(name, f"{self.figures[name]:.4g}")
        console.print()
        console.print(table)
        for remark in self.remarks:
            console.print(f"\n{remark}", markup=False)
        if not hints:
            return
        if self.next_steps:
            console.print("\nWhat to try next", style="bold")
        for line in hint_lines(self.next_steps, console.width):
            console.print(line)


def hint_lines(steps: list[tuple[str, str]], width: int) -> list[str]:
    """Return commands with what they are for: beside them where that fits, or else above them."""
    longest = max((len(command) for command, _ in steps), default=0)
    beside = [f"  {command:{longest}}   # {purpose}" for command, purpose in steps]
    if all(len(line) <= width for line in beside):
        return beside
    return [line for command, purpose in steps for line in (f"  # {purpose}", f"  {command}")]


def tell(notes: Iterable[str], about: str = "data") -> None:
    """Write what was noticed to standard error, one line each, unless the user wants quiet.

    Args:
        notes: each a line.
        about: what was noticed there.
    """
    if is_hushed():
        return
    for note in notes:
        print(f"{about}: {note}", file=sys.stderr)


def figures_of(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return logged metrics as plain numbers."""
    return {name: float(value) for name, value in metrics.items()}


def finite_or_null(figures: Mapping[str, float]) -> dict[str, float | None]:
    """Return figures for JSON, which has no NaN: most programs refuse a file with one."""
    return {name: value if math.isfinite(value) else None for name, value in figures.items()}


def _rank(name: str) -> tuple[int, bool, str]:
    stage, _, figure = name.partition("/")
    return ORDER.get(stage, 3), figure == "loss", name
