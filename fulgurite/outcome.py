"""How a run ended, kept in its folder as ``result.json``."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import lightning as L
from lightning.pytorch.callbacks import EarlyStopping, Timer

from datamodules.files import write_json
from fulgurite.report import finite_or_null

NAME = "result.json"
INTERRUPTED = "interrupted"
STOPPED_EARLY = "stopped early"
OUT_OF_TIME = "out of time"
ALL_EPOCHS = "all epochs"


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        ended: why training is over.
        best_epoch: counted from 1; ``None`` where no epoch was finished.
        metrics: the figures of that epoch.
        seconds: of training, over all parts of a run that was resumed.
    """

    ended: str
    best_epoch: int | None
    metrics: dict[str, float]
    seconds: float

    def write(self, run: Path) -> None:
        """Keep it in the run folder."""
        write_json(run / NAME, asdict(self) | {"metrics": finite_or_null(self.metrics)})


def read_outcome(run: Path) -> Outcome | None:
    """Return how a run ended; ``None`` where it never did, because it was killed."""
    try:
        told = json.loads((run / NAME).read_text(encoding="utf-8"))
        metrics = {name: math.nan if v is None else v for name, v in told.pop("metrics").items()}
        return Outcome(**told, metrics=metrics)
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        return None


def forget_outcome(run: Path) -> None:
    """Take back how a run ended, since it goes on."""
    (run / NAME).unlink(missing_ok=True)


def how_it_ended(trainer: L.Trainer) -> str:
    """Return why a trainer stopped."""
    if trainer.interrupted:
        return INTERRUPTED
    callbacks = trainer.callbacks  # type: ignore[attr-defined]
    if any(isinstance(each, EarlyStopping) and each.stopped_epoch for each in callbacks):
        return STOPPED_EARLY
    if any(isinstance(each, Timer) and (each.time_remaining() or 1) <= 0 for each in callbacks):
        return OUT_OF_TIME
    return ALL_EPOCHS
