"""Curves in TensorBoard, and what else of a run belongs there."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lightning import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class Curves(TensorBoardLogger):
    """Log figures to event files in a folder, and write nothing else there.

    Lightning's own logger adds a curve of the epoch's number, a placeholder among the metrics of
    the hyper-parameters, and a ``hparams.yaml``.

    Args:
        folder: of the event files.
        from_step: the step from which a resumed run goes on; what was logged from it on is void.
    """

    def __init__(self, folder: str, from_step: int = 0) -> None:
        purge: dict[str, Any] = {"purge_step": from_step} if from_step else {}
        super().__init__(save_dir=folder, name="", version="", default_hp_metric=False, **purge)

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log figures, one curve each; the epoch's number is none."""
        super().log_metrics({n: v for n, v in metrics.items() if n != "epoch"}, step)

    @rank_zero_only
    def save(self) -> None:
        """Write out what is logged."""
        self.experiment.flush()


def writers(trainer: Trainer) -> list["SummaryWriter"]:
    """Return what writes event files: nothing without TensorBoard, or on another rank than zero."""
    if not trainer.is_global_zero:
        return []
    loggers = trainer.loggers
    return [logger.experiment for logger in loggers if isinstance(logger, TensorBoardLogger)]
