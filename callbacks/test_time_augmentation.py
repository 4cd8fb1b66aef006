"""Several views of each row, of which the model's mean answer counts."""

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from datamodules.augmentation.augment import Augment
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.seeds import global_seed
from lightning_modules.classification import Classification
from lightning_modules.losses.gaussian_nll import GaussianNLL
from lightning_modules.regression import Regression
from lightning_modules.supervised import SupervisedModule


class TestTimeAugmentation(Callback):
    """Answer by the mean over a row as it is and over augmented copies of it.

    Krizhevsky et al. 2012, "ImageNet Classification with Deep Convolutional Neural Networks",
    section 4.1. Classes and labels have the mean of their probabilities, numbers the mean of the
    predictions; with the loss ``GaussianNLL`` the variance is that of the mixture. Figures,
    prediction files and whatever else ``validate``, ``test`` and ``predict`` make are of these
    means; training, and validation within it, are left alone. It takes ``times + 1`` as long.

    The transforms are those of ``--data.augment``. Ours draw for each row by (seed, copy, row), so
    a row is answered alike in any batch and on any device; foreign ones by the batch.

    Args:
        transforms: in the order in which they are applied.
        times: augmented copies of each row, beside the row as it is.

    Raises:
        UserError: there are no transforms or copies, or one mixes rows.
    """

    __test__ = False  # pytest takes what is called so for a test

    def __init__(self, transforms: list[nn.Module], times: int = 8) -> None:
        self.times = times
        self.augment = Augment(transforms, global_seed(), "the transforms of TestTimeAugmentation")
        if times < 1 or not transforms:
            raise UserError(
                f"TestTimeAugmentation needs at least 1 transform and 1 copy, but got "
                f"{len(transforms)} transforms and times: {times}."
            )
        if self.augment.mixing:
            raise UserError(
                f"TestTimeAugmentation answers for one row at a time, but {self.augment.mixing} "
                f"mixes rows: take it out of its transforms."
            )
        self._batch: Batch | None = None
        self._number = 0
        self._hook: RemovableHandle | None = None

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Listen to the module, unless it is trained.

        Raises:
            UserError: nobody knows what the module's answers mean.
        """
        if stage == "fit" or self._hook is not None:
            return
        if not isinstance(pl_module, SupervisedModule):
            raise UserError(
                f"TestTimeAugmentation averages answers of Classification and Regression, not of "
                f"{type(pl_module).__name__}: take it out of --trainer.callbacks."
            )
        self._hook = pl_module.register_forward_hook(self._averaged)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Leave the module as it was."""
        if self._hook is not None:
            self._hook.remove()
        self._hook = self._batch = None

    def on_test_batch_start(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        batch: Batch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Remember of which rows the module is about to be asked."""
        self._batch, self._number = batch, batch_idx

    on_validation_batch_start = on_test_batch_start
    on_predict_batch_start = on_test_batch_start

    def _averaged(self, module: SupervisedModule, inputs: tuple[Any, ...], logits: Any) -> Any:
        """Return the logits of the mean answer, in the place of those of the rows as they are."""
        batch = self._batch
        if batch is None or not isinstance(logits, Tensor) or inputs[0] is not batch["inputs"]:
            return logits
        every = [logits]
        for copy in range(self.times):
            changed = self.augment(batch, copy, self._number, module.spec)
            every.append(module.forward(changed["inputs"]))  # past the hooks, and so past this one
        return mean_logits(module, every)


def mean_logits(module: SupervisedModule, logits: Sequence[Tensor]) -> Tensor:
    """Return logits that stand for the mean of several answers to the same rows.

    Args:
        module: that knows what they mean.
        logits: (N, outputs) each.

    Shape:
        (N, outputs)
    """
    every = torch.stack(list(logits)).float()  # (views, N, outputs)
    if isinstance(module, Classification):
        if not module.many:
            return _log_mean(every.log_softmax(dim=-1))
        return _log_mean(F.logsigmoid(every)) - _log_mean(F.logsigmoid(-every))
    if isinstance(module, Regression) and isinstance(module.loss, GaussianNLL):
        means, variances = GaussianNLL.mean(every), module.loss.std(every).square()
        spread = variances.mean(dim=0) + means.var(dim=0, correction=0)
        return torch.cat([means.mean(dim=0), spread.log()], dim=-1)
    return every.mean(dim=0)


def _log_mean(logs: Tensor) -> Tensor:
    """Return the logarithm of a mean of numbers, from their logarithms: (V, ...) -> (...)."""
    return logs.logsumexp(dim=0) - math.log(len(logs))
