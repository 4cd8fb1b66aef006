"""``fulgurite ledger``: who has looked at which test set, and what choosing by it may have cost."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from datamodules.errors import UserError
from fulgurite.ledger import NAME, Ledger, Look
from fulgurite.optimism import FORMULA, SOURCES, optimism, told
from fulgurite.report import tell
from fulgurite.run_folder import ROOT
from fulgurite.standing import numbered

SHOWN = 3
"""Figures of a look that are shown; JSON has all."""


def ledger(words: list[str], *, as_json: bool) -> str:
    """Return the looks by test set, for a person or a program.

    Args:
        words: a folder that holds runs, or a ledger; ``runs`` by default.
        as_json: as one JSON object.

    Raises:
        UserError: there is no such folder, or it cannot be read.
    """
    found = Ledger(_folder(words))
    try:
        looks, notes = found.read()
    except OSError as error:
        raise UserError(f"'{found.path}' cannot be read: {error.strerror or error}.") from error
    sets = [_test_set(each) for each in _by_test_set(looks)]
    if as_json:
        return json.dumps({"ledger": str(found.path), "test_sets": sets, "passed_over": notes})
    tell(notes, "ledger")
    if not sets:
        return f"Nobody has looked at a test set yet, says '{found.path}': fulgurite test does."
    return "\n\n".join([*(_page(each) for each in sets), *_how(sets)])


def _folder(words: Sequence[str]) -> Path:
    """Return the folder of runs that a user means.

    Raises:
        UserError: there is none, or more than one is named.
    """
    if len(words) > 1 or any(word.startswith("-") for word in words):
        raise UserError(
            f"ledger takes at most one folder that holds runs, such as '{ROOT}', not "
            f"'{' '.join(words)}'."
        )
    given = Path(words[0]).expanduser() if words else ROOT
    folder = given.parent if given.name == NAME else given
    if words and not folder.is_dir():
        raise UserError(
            f"There is no folder '{folder}': ledger takes one that holds runs, such as '{ROOT}'."
        )
    return folder


def _by_test_set(looks: Sequence[Look]) -> list[list[Look]]:
    sets: dict[str, list[Look]] = {}
    for look in looks:
        sets.setdefault(look.rows_of, []).append(look)
    return list(sets.values())


def _test_set(looks: Sequence[Look]) -> dict[str, Any]:
    """Return what there is to know of the looks at one test set, as plain values."""
    counting = [look for look in looks if look.counts]
    numbers = iter(numbered(counting))
    told = [{"look": next(numbers) if each.counts else None, **_fields(each)} for each in looks]
    models = max(numbered(counting), default=0)
    last = counting[-1].standard_errors if counting else {}
    first = looks[0]
    return {
        "test_set": first.test_set,
        "data": first.data,
        "rows": first.rows,
        "models": models,
        "looks": told,
        "optimism": optimism(models, last),
    }


def _fields(look: Look) -> dict[str, Any]:
    """Return what a line says, less what only knows its rows again."""
    return {k: v for k, v in asdict(look).items() if k not in ("like", "columns", "sample")}


def _page(found: dict[str, Any]) -> str:
    """Return one test set as lines of text."""
    models = "1 look" if found["models"] == 1 else f"{found['models']} looks"
    lines = [
        f"Test set {found['test_set']}: {found['rows']} rows of data {found['data']}, {models}",
        *_aligned([_cells(look) for look in found["looks"]]),
    ]
    if found["optimism"] is not None:
        lines += [told(found["optimism"])]
    return "\n".join(lines)


def _cells(look: dict[str, Any]) -> list[str]:
    number = "-" if look["look"] is None else str(look["look"])
    seen = [f"{k} {v:.4g}" for k, v in look["figures"].items() if v is not None][:SHOWN]
    return [number, look["time"], look["command"], look["run"], ", ".join(seen) or look["status"]]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _how(sets: list[dict[str, Any]]) -> list[str]:
    """Return where the optimism comes from, where there is any."""
    if all(each["optimism"] is None for each in sets):
        return []
    return [f"{FORMULA}, for k models.\n{SOURCES}."]
