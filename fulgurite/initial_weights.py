"""``--init_from``: begin a new run with the weights of another."""

from pathlib import Path

import lightning as L
from torch import Tensor

from datamodules.errors import UserError, first_of
from fulgurite.checkpoints import find_checkpoint, read_checkpoint

NOT_WEIGHTS = ("loss.", "val_", "test_")
"""What a module keeps beside its weights: class weights of the old data, sums of metrics."""
ADAPTER = ".lora_"
SHOWN = 4


class InitialWeights:
    """The best weights of a checkpoint, of which those are taken that fit.

    Args:
        given: a run, a checkpoint or ``last``.

    Raises:
        UserError: there is no such checkpoint, or it cannot be read.

    Attributes:
        notes: what was loaded, once it is.
    """

    def __init__(self, given: str) -> None:
        self.checkpoint: Path = find_checkpoint(given, prefer="best")
        state = read_checkpoint(self.checkpoint)["state_dict"]
        self.notes: list[str] = []
        self.tensors = {k: v for k, v in state.items() if not k.startswith(NOT_WEIGHTS)}

    def load_into(self, module: L.LightningModule) -> None:
        """Load every tensor that the module has in the same shape; note what was and was not.

        Raises:
            UserError: not one fits.
        """
        own = {k: v for k, v in module.state_dict().items() if not k.startswith(NOT_WEIGHTS)}
        tensors = self._named_as(own)
        fitting = {
            name: tensor
            for name, tensor in tensors.items()
            if name in own and own[name].shape == tensor.shape
        }
        if not fitting:
            raise UserError(
                f"'{self.checkpoint}' has no tensor that fits this model: it has "
                f"{first_of(tensors)}, the model {first_of(own)}."
            )
        module.load_state_dict(fitting, strict=False)
        self.notes = [f"{len(fitting)} of {len(own)} tensors loaded from '{self.checkpoint}'"]
        fresh = [name for name in own if name not in fitting]
        if fresh:
            told = [
                f"{name} {tuple(own[name].shape)}"
                + (f", there {tuple(tensors[name].shape)}" if name in tensors else "")
                for name in fresh[:SHOWN]
            ]
            more = f" and {len(fresh) - SHOWN} more" if len(fresh) > SHOWN else ""
            self.notes.append(f"begin at random: {'; '.join(told)}{more}")

    def _named_as(self, own: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the tensors by the names that they have where adapters stand around layers.

        Raises:
            UserError: they hold adapters, without which they are not what was trained, and the
                model has none.
        """
        adapted = any(ADAPTER in name for name in own)
        if any(ADAPTER in name for name in self.tensors):
            if not adapted:
                raise UserError(
                    f"'{self.checkpoint}' holds adapters, which this model lacks: merge them with "
                    f"fulgurite export --ckpt_path {self.checkpoint}, or give --model.adapter."
                )
            return self.tensors
        around = {name.replace(".base_layer.", "."): name for name in own} if adapted else {}
        return {around.get(name, name): tensor for name, tensor in self.tensors.items()}
