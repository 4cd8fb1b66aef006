"""To look at a test set, and to write down that one has."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from datamodules.errors import UserError
from datamodules.examined import Examined
from fulgurite.ledger import DONE, NAME, Ledger, Look
from fulgurite.optimism import optimism, told
from fulgurite.processes import is_first
from fulgurite.report import finite_or_null
from fulgurite.run_folder import ROOT
from fulgurite.standing import Standing, same_rows, standing

DIGITS = 16
_within: ContextVar[bool] = ContextVar("within a look", default=False)


@dataclass
class Sight:
    """What a command sees in a look, filled in while it lasts.

    Attributes:
        figures: of the test set.
        standard_errors: of those figures, where they are known.
        standing: known when the look is over, and to the first process alone.
        notes: what is wrong with the ledger.
    """

    figures: Mapping[str, float] = field(default_factory=dict)
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    standing: Standing | None = None
    notes: list[str] = field(default_factory=list)

    def as_plain(self) -> dict[str, Any]:
        """Return the look and its optimism for a program."""
        standing = self.standing
        if standing is None:
            return {"look": None, "optimism": None}
        return {
            "look": standing.number,
            "look_again": standing.again,
            "models": standing.models,
            "optimism": optimism(standing.models, self.standard_errors),
        }

    def sentences(self) -> list[str]:
        """Return the look and its optimism for a person."""
        if self.standing is None:
            return []
        found = optimism(self.standing.models, self.standard_errors)
        return [*self.standing.sentences(), *([] if found is None else [told(found)])]


@contextmanager
def one_look(
    folder: Path, command: str, run: str, of: Examined, model: str | None = None
) -> Iterator[Sight]:
    """Count what is done within as one look, whatever is measured meanwhile, and write it down.

    A user's mistake is no look. What ends in another way is written down with how it ended, and
    counts if figures were seen by then.

    Args:
        folder: that holds the runs, and the ledger.
        command: that looks, such as ``test``.
        run: whose model is measured.
        of: the rows that are measured.
        model: fingerprint of its weights; ``None`` for a study of several, which is new each time.
    """
    sight = Sight()
    if _within.get():  # a study of several counts once
        yield sight
        return
    token = _within.set(True)
    status = DONE
    try:
        yield sight
    except UserError:
        raise
    except BaseException as error:
        ended = isinstance(error, KeyboardInterrupt | SystemExit)
        status = "interrupted" if ended else "failed"
        raise
    finally:
        _within.reset(token)
        if status != DONE or sight.figures:
            look = Look(_now(), command, run, model, of.data, of.test_set, of.rows, {}, {}, status)
            _write(folder, sight, look, of)


def _write(folder: Path, sight: Sight, look: Look, of: Examined) -> None:
    """Write a look down with what was seen, once for all processes."""
    if not is_first():
        return
    seen: dict[str, Any] = {
        "figures": finite_or_null(sight.figures),
        "standard_errors": {k: v for k, v in finite_or_null(sight.standard_errors).items() if v},
    }
    look = replace(look, **seen, columns=of.columns, sample=of.sample(of.columns))
    try:
        looks, sight.notes = Ledger(folder).append(look, lambda before: same_rows(before, of))
    except OSError as error:
        why = error.strerror or str(error)
        sight.notes = [f"this look is not counted, '{folder / NAME}' cannot be written: {why}"]
        return
    if look.counts:
        sight.standing = standing(looks, looks[-1])


def model_digits(state_dict: Mapping[str, Any]) -> str:
    """Return sixteen hexadecimal digits of a model's weights, wherever its checkpoint lies."""
    import torch

    digest = hashlib.sha256()
    for name in sorted(state_dict):
        weights = state_dict[name].detach().cpu().contiguous()
        digest.update(f"{name} {weights.dtype} {list(weights.shape)} ".encode())
        digest.update(weights.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:DIGITS]


def folder_of_runs(run: Path | None) -> Path:
    """Return the folder that holds all runs, where the ledger lies.

    Args:
        run: a run's folder; ``None`` for a checkpoint that lies in none.
    """
    if run is not None:
        folder = run.parent.parent
        if run.resolve().parent.parent.name == ROOT.name or (folder / NAME).is_file():
            return folder
    return ROOT


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
