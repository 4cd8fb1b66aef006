"""An average of the weights of the last epochs."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.fabric.utilities import move_data_to_device
from torch import Tensor
from torch.nn import SyncBatchNorm
from torch.nn.modules.batchnorm import _NormBase

from callbacks.averages.average import STATISTICS, WeightAverage, norms
from callbacks.console import console
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.loader import RowBatches
from lightning_modules.supervised import SupervisedModule


class StochasticWeightAveraging(WeightAverage):
    """Measure and keep the mean of the weights at the ends of the last epochs.

    Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization",
    algorithm 1. The running statistics of batch norms are those of the averaged weights: each time
    an epoch is averaged, training rows pass once more, as they are, without augmentation or
    dropout; a model without batch norms is spared that. Before averaging begins, figures are of the
    weights themselves. The learning rate is left to the schedule: weights differ from epoch to
    epoch only where it stays high, so ``schedule: null`` suits, and one that falls to 0 does not.

    Args:
        start: the share of the run after which averaging begins: of its epochs, or of its steps
            where ``max_steps`` ends it sooner.
        evaluate: whether the average is what validation measures and checkpoints keep; if not, it
            is written beside them at the end, as ``averaged.ckpt``.

    Raises:
        UserError: the share is not from 0 to below 1, or the run has no end that is known.
    """

    def __init__(self, start: float = 0.75, evaluate: bool = True) -> None:
        super().__init__(evaluate)
        if not 0 <= start < 1:
            raise UserError(
                f"StochasticWeightAveraging takes start from 0 to below 1, the share of the run "
                f"after which it begins, but got {start}."
            )
        self.start = start

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Refuse a run of which nobody knows when it ends."""
        super().setup(trainer, pl_module, stage)
        if stage == "fit" and (trainer.max_epochs or -1) < 0 and trainer.max_steps < 0:
            raise UserError(
                "StochasticWeightAveraging begins after a share of the run, but nothing says how "
                "long that is: give --trainer.max_epochs or --trainer.max_steps."
            )

    def is_due(self, trainer: Trainer) -> bool:
        """Average the last step of each of the last epochs."""
        if not trainer.is_last_batch and not 0 <= trainer.max_steps <= trainer.global_step:
            return False
        epochs = trainer.max_epochs or -1
        done = trainer.current_epoch / epochs if epochs > 0 else 0.0
        if trainer.max_steps > 0:
            done = max(done, trainer.global_step / trainer.max_steps)
        return self.count > 0 or has_begun(done, self.start)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the average as others do, or say that there is none."""
        super().on_train_end(trainer, pl_module)
        to_user = console()
        if not self.count and trainer.is_global_zero and to_user is not None:
            to_user.print(
                f"averages: StochasticWeightAveraging has averaged nothing: it begins after "
                f"{100 * self.start:g} % of the run, and no epoch began so late. Figures and "
                f"checkpoints are of the weights themselves; give a smaller start, or let the run "
                f"go on for longer.",
                soft_wrap=True,
                markup=False,
            )

    def part(self, count: int) -> float:
        """Return the part of the new weights in a mean."""
        return 1 / (count + 1)

    def complete(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Bring the running statistics of batch norms up to date for the averaged weights."""
        found = {name: norm for name, norm in norms(pl_module) if norm.training}
        if not found or not isinstance(pl_module, SupervisedModule):
            return
        self.put_in(trainer)
        with trainer.precision_plugin.forward_context():
            measure_statistics(pl_module, list(found.values()), _training_rows(trainer))
        for name, norm in found.items():
            for kind in STATISTICS:
                values: Tensor = getattr(norm, kind)
                whole = trainer.strategy.reduce(values.clone(), reduce_op="mean")
                self.average[f"{name}.{kind}"].copy_(whole)
        self.put_back()


def has_begun(done: float, start: float) -> bool:
    """Tell whether an epoch is averaged.

    Args:
        done: the share of the run before it.
        start: the share after which averaging begins.
    """
    return done >= start - 1e-9


@torch.no_grad()
def measure_statistics(
    module: SupervisedModule, wanted: list[_NormBase], batches: Iterable[Batch]
) -> None:
    """Set running statistics to the mean over batches, as the weights now make them.

    All but the batch norms are in evaluation mode meanwhile, and all is as it was at the end.

    Args:
        module: whose rows they are.
        wanted: batch norms of the module.
        batches: of training rows; a batch without rows is left out, unless norms share theirs with
            other processes, which would wait for this one.
    """
    shared = any(isinstance(norm, SyncBatchNorm) for norm in wanted)
    modes = [(each, each.training) for each in module.modules()]
    kept = [(norm, norm.momentum, norm.num_batches_tracked.clone()) for norm in wanted]  # type: ignore[union-attr]
    module.eval()
    for norm in wanted:
        norm.train()
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over batches
    for batch in batches:
        if shared or len(batch["index"]):
            module(batch["inputs"])
    for norm, momentum, tracked in kept:
        norm.momentum = momentum
        norm.num_batches_tracked.copy_(tracked)  # type: ignore[union-attr]
    for each, training in modes:
        each.training = training


def _training_rows(trainer: Trainer) -> Iterator[Batch]:
    """Yield the batches of an epoch's training rows from a loader of its own, on the device."""
    datamodule: Any = trainer.datamodule  # type: ignore[attr-defined]
    loader = datamodule.train_dataloader()
    if isinstance(getattr(loader, "sampler", None), RowBatches):
        loader.sampler.begin_at(trainer.current_epoch, 0)
    most = trainer.num_training_batches
    for batch in itertools.islice(loader, int(most) if most != float("inf") else None):
        # the hooks of a training batch would augment it
        on_device = move_data_to_device(batch, trainer.strategy.root_device)
        yield trainer.precision_plugin.convert_input(on_device)
