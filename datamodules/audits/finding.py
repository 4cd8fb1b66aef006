"""What an audit found."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["info", "warning", "high"]
ORDER: dict[str, int] = {"high": 0, "warning": 1, "info": 2}
SHOWN = 3
"""Examples of a finding."""
KEPT = 1000
"""Row numbers of a finding that are kept at most."""


@dataclass(frozen=True)
class Example:
    """One place where a finding can be seen.

    Attributes:
        row: its number in the source, from 0.
        column: where one column is meant.
        value: what stands there.
        part: ``train``, ``val`` or ``test``.
        other: the row that it is compared with, such as the one it is a copy of.
        other_part: the part of that row.
    """

    row: int | None = None
    column: str | None = None
    value: Any = None
    part: str | None = None
    other: int | None = None
    other_part: str | None = None

    def as_plain(self) -> dict[str, Any]:
        """Return what applies, as values that JSON has."""
        told = {name: _plain(value) for name, value in vars(self).items()}
        return {name: value for name, value in told.items() if value is not None}

    def sentence(self) -> str:
        """Return it in a few words, where rows count from 1."""
        places = [] if self.row is None else [_place(self.row, self.part)]
        if self.other is not None:
            places.append(_place(self.other, self.other_part))
        where = " and ".join(places)
        what = "" if self.value is None else f"{self.value!s:.40}"
        named = f"{self.column} {what}" if self.column is not None and what else what
        return f"{where}: {named}" if where and named else where or named


@dataclass(frozen=True)
class Finding:
    """Something that makes figures wrong, or might.

    Attributes:
        kind: a word, such as ``overlap``.
        severity: ``high`` where the figures of a run mean nothing before it is mended, ``warning``
            where they may be off, ``info`` where it is good to know.
        count: rows, columns or values concerned.
        note: one sentence.
        advice: the line of a config that mends it, or what to do.
        examples: three at most.
        columns: the columns concerned.
        rows: numbers of the rows concerned, from 0, at most a thousand.
    """

    kind: str
    severity: Severity
    count: int
    note: str
    advice: str
    examples: list[Example] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def as_plain(self) -> dict[str, Any]:
        """Return it as values that JSON has."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "count": int(self.count),
            "note": self.note,
            "examples": [example.as_plain() for example in self.examples[:SHOWN]],
            "advice": self.advice,
            "columns": self.columns,
            "rows": [int(row) for row in self.rows[:KEPT]],
        }


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, the most severe first, those of one severity as they came."""
    return sorted(findings, key=lambda finding: ORDER[finding.severity])


def _place(row: int, part: str | None) -> str:
    return f"row {row + 1}" + (f" ({part})" if part else "")


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if hasattr(value, "item"):  # a number of numpy's or torch's
        return _plain(value.item())
    return str(value)
