"""The settings of a run, beside its best figures."""

from collections.abc import Mapping

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

from callbacks.best_epoch import BestEpoch
from callbacks.tensorboard import writers


class Settings(Callback):
    """Show a run's config and hyper-parameters in TensorBoard.

    The figures of the best epoch so far are curves, ``best/val/loss``, whose last value is what
    the HPARAMS tab compares runs by, also while they last.

    Args:
        best: knows which epoch is the best; it must come first among the callbacks.
        hyperparameters: the settings to compare runs by, flat.
        config: all settings, as YAML.
    """

    def __init__(
        self, best: BestEpoch, hyperparameters: Mapping[str, int | float | str], config: str
    ) -> None:
        self.best = best
        self.hyperparameters = dict(hyperparameters)
        self.config = config

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the config and the hyper-parameters, and what was best before a run went on."""
        for writer in writers(trainer):
            from torch.utils.tensorboard.summary import hparams

            writer.add_text("config", f"```yaml\n{self.config}\n```")
            # The first of the three would name all hyper-parameters and metrics, and TensorBoard
            # takes it from one run for all runs: what only others have would not be shown. Without
            # it, it asks every run.
            _, start, _ = hparams(self.hyperparameters, {})
            writer._get_file_writer().add_summary(start)
        self._tell_best(trainer, 0)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the figures of an epoch that is the best so far."""
        if self.best.epoch == trainer.current_epoch:
            self._tell_best(trainer, trainer.global_step - 1)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Say that the run is over."""
        for writer in writers(trainer):
            from torch.utils.tensorboard.summary import hparams

            _, _, end = hparams(self.hyperparameters, {})
            writer._get_file_writer().add_summary(end)

    def _tell_best(self, trainer: Trainer, step: int) -> None:
        for writer in writers(trainer):
            for name, figure in compared(self.best.figures).items():
                writer.add_scalar(f"best/{name}", figure, step)


def compared(figures: Mapping[str, float]) -> dict[str, float]:
    """Return the figures by which runs are compared: not those of training, if there are others."""
    others = {name: f for name, f in figures.items() if not name.startswith("train/")}
    return others or dict(figures)
