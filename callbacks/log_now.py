"""Figures for the loggers, at once and for nothing else."""

from collections.abc import Mapping

from lightning import Trainer


def log_now(trainer: Trainer, figures: Mapping[str, float], step: int) -> None:
    """Hand figures to every logger, with the epoch that they are of.

    Lightning's ``self.log`` would cost time in each step, keep them as figures of the epoch, and
    hand them on only after the epoch's checkpoint is written.

    Args:
        trainer: whose loggers, and whose epoch.
        figures: by name.
        step: counted from zero, as Lightning does.
    """
    for logger in trainer.loggers:
        logger.log_metrics({**figures, "epoch": trainer.current_epoch}, step=step)
