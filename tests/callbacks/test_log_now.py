"""Figures go to every logger, with their epoch."""

from types import SimpleNamespace
from typing import Any

from callbacks.log_now import log_now


def test_every_logger_is_told_the_figures_and_the_epoch():
    heard: list[tuple[dict[str, float], int]] = []
    logger = SimpleNamespace(log_metrics=lambda figures, step: heard.append((figures, step)))
    trainer: Any = SimpleNamespace(loggers=[logger, logger], current_epoch=3)
    given = {"train/lr": 0.1}
    log_now(trainer, given, 7)
    assert heard == [({"train/lr": 0.1, "epoch": 3}, 7)] * 2
    assert given == {"train/lr": 0.1}
