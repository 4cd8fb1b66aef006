"""What averages of weights have in common: when they are taken, measured, saved and resumed."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from callbacks.last_checkpoint import LastCheckpoint
from datamodules.errors import UserError

STATISTICS = ("running_mean", "running_var")
FILE = "averaged.ckpt"


class WeightAverage(Callback, ABC):
    """Keep an average of the weights of some steps beside the weights themselves.

    What is trained is averaged, in 32 bits at least: parameters that require gradients, and the
    running statistics of batch norms that are in training mode. What is frozen costs nothing, until
    it is trained. Validation measures the average, and ``state_dict`` of each checkpoint is the
    average: early stopping and ``best.ckpt`` choose it, ``test``, ``predict`` and ``--init_from``
    take it. The weights themselves lie in the state of the callback, from which a run is resumed.

    Lightning's own averages copy the whole module, frozen parts and metrics included, and keep the
    average in the module's precision, in which a small part of a change is lost.

    Args:
        evaluate: whether the average is what is measured and kept; if not, figures and checkpoints
            are of the weights themselves, and the average at the end of training is written beside
            them, as ``averaged.ckpt``, which ``--ckpt_path`` takes.
    """

    def __init__(self, evaluate: bool = True) -> None:
        self.evaluate = evaluate
        self.average: dict[str, Tensor] = {}
        self.count = 0
        self._step = 0
        self._live: dict[str, Tensor] = {}
        self._aside: dict[str, Tensor] = {}

    # What a kind of average says of itself

    @abstractmethod
    def is_due(self, trainer: Trainer) -> bool:
        """Tell whether the weights of this step are averaged."""

    @abstractmethod
    def part(self, count: int) -> float:
        """Return the part of the new average that is of the new weights, after so many before."""

    def complete(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Do what a new average needs before it is measured."""

    # What all do

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Refuse what an average does not work with.

        Raises:
            UserError: weights are in pieces, there are two averages, or one could not be kept.
        """
        if stage != "fit":
            return
        name = type(self).__name__
        others = [each for each in _callbacks(trainer) if isinstance(each, WeightAverage)]
        if len(others) > 1:
            raise UserError(
                f"--trainer.callbacks: {' and '.join(type(each).__name__ for each in others)} "
                f"would each put an average in the place of the weights: choose one."
            )
        if not isinstance(trainer.strategy, SingleDeviceStrategy | DDPStrategy):
            raise UserError(
                f"{name} averages whole weights, which {type(trainer.strategy).__name__} keeps in "
                f"pieces: choose --trainer.strategy ddp, or take it out of --trainer.callbacks."
            )
        kept = [each for each in _callbacks(trainer) if isinstance(each, ModelCheckpoint)]
        if self.evaluate and any(each.save_weights_only for each in kept):
            raise UserError(
                f"--checkpoint.save_weights_only keeps the weights without what {name} has to tell "
                f"of them: leave it out, or say `evaluate: false` for {name}."
            )

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Find what was averaged before, on the device where it is trained."""
        self._live = {name: values for name, values in _tensors(pl_module) if name in self.average}
        for name, values in self._live.items():
            self.average[name] = self.average[name].to(values.device)

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Begin with what is trained from now on."""
        if batch_idx and self._live:
            return
        trained = dict(_trained(pl_module))
        for name, values in trained.items():
            if name not in self.average:  # it has been what it is since averaging began
                dtype = torch.promote_types(values.dtype, torch.float32)
                self.average[name] = values.detach().to(dtype, copy=True)
        self._live |= trained

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Average the weights after an optimizer step, if they are due."""
        if trainer.global_step == self._step:  # gradients are being accumulated
            return
        self._step = trainer.global_step
        if not self.is_due(trainer):
            return
        with torch.no_grad():
            old = [self.average[name] for name in self._live]
            new = [v.detach().to(o.dtype) for v, o in zip(self._live.values(), old, strict=True)]
            torch._foreach_lerp_(old, new, self.part(self.count))
        self.count += 1
        self.complete(trainer, pl_module)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let the average be measured."""
        if trainer.state.fn == "fit" and not trainer.sanity_checking and self.evaluate:
            self.put_in(trainer)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Go on with the weights themselves."""
        if trainer.state.fn == "fit":
            self.put_back()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the average in the module, or write it beside the checkpoints."""
        if not self.count:
            return
        self.put_in(trainer)
        if self.evaluate:
            return
        lasts = [each for each in _callbacks(trainer) if isinstance(each, LastCheckpoint)]
        for last in lasts:
            trainer.save_checkpoint(last.path.with_name(FILE))
        self.put_back()

    def put_in(self, trainer: Trainer) -> None:
        """Put the average in the place of the weights, if there is one, and these aside.

        Of several processes all have that of the first, as checkpoints do: running statistics are
        of the rows that each has had.
        """
        if not self.count or self._aside:
            return
        # validation is in inference mode, whose tensors could not be trained on
        with torch.inference_mode(False), torch.no_grad():
            if trainer.world_size > 1:
                for name in sorted(self.average):
                    if name.rpartition(".")[2] in STATISTICS:
                        torch.distributed.broadcast(self.average[name], 0)
            self._aside = {name: values.detach().clone() for name, values in self._live.items()}
            for name, values in self._live.items():
                values.copy_(self.average[name])

    def put_back(self) -> None:
        """Put the weights back in their place."""
        with torch.inference_mode(False), torch.no_grad():
            for name, values in self._aside.items():
                self._live[name].copy_(values)
        self._aside = {}

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Keep the average, and the weights where it stands in their place."""
        state: dict[str, Any] = {"count": self.count, "step": self._step, "average": self.average}
        checkpoint["callbacks"][self.state_key] = state
        if not self.count or not (self.evaluate or self._aside):
            return
        weights = checkpoint["state_dict"]
        names = {id(values): name for name, values in self._live.items()}
        state["weights"] = dict(self._aside or self._live)
        for name, values in _tensors(pl_module, again=True):
            if id(values) in names and name in weights:
                weights[name] = self.average[names[id(values)]].to(values.dtype)

    def on_load_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Go on with the average and the weights; a run that had none begins one."""
        state = checkpoint["callbacks"].get(self.state_key)
        if state is None:
            return
        self.count, self._step, self.average = state["count"], state["step"], state["average"]
        live = dict(_tensors(pl_module))
        with torch.no_grad():
            for name, values in state.get("weights", {}).items():
                live[name].copy_(values)


def _callbacks(trainer: Trainer) -> list[Callback]:
    callbacks: list[Callback] = trainer.callbacks  # type: ignore[attr-defined]
    return callbacks


def norms(module: nn.Module) -> Iterator[tuple[str, _NormBase]]:
    """Yield the batch norms that keep running statistics, by name."""
    for name, each in module.named_modules():
        if isinstance(each, _NormBase) and each.running_mean is not None:
            yield name, each


def _trained(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield what training changes, by name: parameters and running statistics."""
    for name, values in module.named_parameters():
        if values.requires_grad:
            yield name, values
    for name, norm in norms(module):
        if norm.training:
            for kind in STATISTICS:
                yield f"{name}.{kind}", getattr(norm, kind)


def _tensors(module: nn.Module, *, again: bool = False) -> Iterator[tuple[str, Tensor]]:
    """Yield parameters and buffers by name; those of several names again, if asked for."""
    yield from module.named_parameters(remove_duplicate=not again)
    yield from module.named_buffers(remove_duplicate=not again)
